from django.http import StreamingHttpResponse


def rows():
    yield "a"


def x(request):
    return StreamingHttpResponse(rows())  # expect: WB630 django.http.StreamingHttpResponse via ANY /x/
# verdict: ANY /x/ ready stream
