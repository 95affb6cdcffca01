from rest_framework import viewsets
from rest_framework.pagination import CursorPagination, PageNumberPagination
from shop.models import Book


class ByTitle(CursorPagination):
    ordering = "title"


class CursorViewSet(viewsets.ReadOnlyModelViewSet):  # expect: WB212 django.db.models.QuerySet.__iter__ via GET /cursor/; WB212 rest_framework.generics.get_object_or_404 via GET /cursor/(?P<pk>[^/.]+)/
    queryset = Book.objects.all()
    pagination_class = ByTitle


class WholeViewSet(viewsets.ReadOnlyModelViewSet):  # expect: WB212 django.db.models.QuerySet.__iter__ via GET /whole/; WB212 rest_framework.generics.get_object_or_404 via GET /whole/(?P<pk>[^/.]+)/
    queryset = Book.objects.all()
    pagination_class = None


class PagedViewSet(viewsets.ReadOnlyModelViewSet):  # expect: WB212 django.db.models.QuerySet.__iter__ via GET /paged/; WB212 django.db.models.QuerySet.count via GET /paged/; WB212 rest_framework.generics.get_object_or_404 via GET /paged/(?P<pk>[^/.]+)/
    queryset = Book.objects.all()
    pagination_class = PageNumberPagination
