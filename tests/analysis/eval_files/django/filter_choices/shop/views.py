import django_filters
from django.http import HttpResponse
from django_filters.views import FilterView
from shop.models import Author, Book


class BookFilter(django_filters.FilterSet):
    writer = django_filters.ModelChoiceFilter(queryset=Author.objects.all())  # expect: WB212 django.db.models.QuerySet.__iter__ via GET /a/


class A(FilterView):  # expect: WB212 django.db.models.QuerySet.__iter__ via GET /a/
    model = Book
    filterset_class = BookFilter


class B(FilterView):  # expect: WB212 django.db.models.QuerySet.__iter__ via GET /b/
    model = Book
    filterset_fields = ["title", "author"]


class C(FilterView):
    filterset_class = BookFilter

    def get(self, request):
        return HttpResponse("")
