import requests
from rest_framework.response import Response  # expect: WB604 djangorestframework
from rest_framework.views import APIView


class X(APIView):
    def get(self, request):
        return Response(requests.get("http://a").json())  # expect: WB201 requests.get via GET /x/
