import time

from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.response import Response


class BookViewSet(viewsets.ViewSet):
    def list(self, request):
        return Response([])  # ok

    @action(detail=True, methods=["post"])
    def lend(self, request, pk=None):
        time.sleep(1)  # expect: WB101 time.sleep via POST /books/(?P<pk>[^/.]+)/lend/
        return Response({})
