import requests
from rest_framework.decorators import api_view  # expect: WB604 djangorestframework
from rest_framework.response import Response


@api_view(["GET", "POST"])
def x(request):
    return Response(requests.get("http://a").json())  # expect: WB201 requests.get via GET,POST /x/
