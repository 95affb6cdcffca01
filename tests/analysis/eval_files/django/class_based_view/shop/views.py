import requests
from django.http import HttpResponse
from django.views import View


class X(View):
    def get(self, request):
        return HttpResponse("a")  # ok

    def post(self, request):
        return HttpResponse(requests.get("http://a").text)  # expect: WB201 requests.get via POST /x/
