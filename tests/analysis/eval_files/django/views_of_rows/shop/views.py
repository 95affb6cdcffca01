from django.http import HttpResponse
from django.views.generic import DetailView, ListView
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.response import Response
from shop.models import Book


def in_order(rows):  # it gives each caller what that one gave
    if not rows.ordered:
        rows = rows.order_by("pk")
    return rows


class One(DetailView):
    model = Book

    def get(self, request, pk):
        book = self.get_object()  # expect: WB212 django.db.models.QuerySet.get via GET /one/<int:pk>
        return HttpResponse(book.author.name)  # expect: WB214 django.db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__ via GET /one/<int:pk>


class All(ListView):
    model = Book

    def get_queryset(self):
        return in_order(super().get_queryset().filter(author__name="x"))

    def get(self, request):
        first = self.get_queryset().first()  # expect: WB212 django.db.models.QuerySet.first via GET /all
        return HttpResponse(first.title)


class Shown(DetailView):  # expect: WB212 django.db.models.QuerySet.get via GET /shown/<int:pk>
    model = Book
    template_name = "none.html"

    def get_context_data(self, **kwargs):
        name = self.object.author.name  # expect: WB214 django.db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__ via GET /shown/<int:pk>
        return super().get_context_data(name=name, **kwargs)


class Joined(DetailView):  # expect: WB212 django.db.models.QuerySet.get via GET /joined/<int:pk>
    queryset = Book.objects.select_related("author")
    model = Book
    template_name = "none.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(name=self.object.author.name, **kwargs)  # ok: it came with the book


class Ordered(DetailView):
    def get_queryset(self):
        return in_order(Book.objects.select_related("author"))

    def get(self, request, pk):
        book = self.get_object()  # expect: WB212 django.db.models.QuerySet.get via GET /ordered/<int:pk>
        return HttpResponse(book.author.name)  # ok: it came with the book; the rows of another caller are not given here


class BookViewSet(viewsets.GenericViewSet):
    queryset = Book.objects.all()

    @action(detail=True)
    def cover(self, request, pk=None):
        book = self.get_object()  # expect: WB212 django.db.models.QuerySet.get via GET /books/(?P<pk>[^/.]+)/cover/
        return Response(book.author.name)  # expect: WB214 django.db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__ via GET /books/(?P<pk>[^/.]+)/cover/

    @action(detail=False)
    def names(self, request):
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))  # expect: WB212 django.db.models.QuerySet.__iter__ via GET /books/names/
        return Response([book.author.name for book in page])  # expect: WB215 django.db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__ via GET /books/names/

    @action(detail=False)
    def titles(self, request):
        for book in self.get_queryset():  # expect: WB212 django.db.models.QuerySet.__iter__ via GET /books/titles/
            print(book.title)

    @action(detail=False)
    def shelves(self, request):
        for book in self.get_queryset().prefetch_related(*request.GET):  # expect: WB212 django.db.models.QuerySet.__iter__ via GET /books/shelves/
            print(book.title)
