from rest_framework import generics, viewsets
from rest_framework.response import Response
from rest_framework.views import APIView
from shop.models import Author, Book, Review
from shop.serializers import (
    AuthorSerializer,
    DottedSerializer,
    KeysSerializer,
    MethodSerializer,
    NestedSerializer,
    ReviewSerializer,
    TruthSerializer,
)


class Authors(generics.ListAPIView):  # expect: WB212 django.db.models.QuerySet.__iter__ via GET /authors
    queryset = Author.objects.all()
    serializer_class = AuthorSerializer
    pagination_class = None


class Nested(generics.ListAPIView):  # expect: WB212 django.db.models.QuerySet.__iter__ via GET /nested
    queryset = Book.objects.all()
    serializer_class = NestedSerializer
    pagination_class = None


class Joined(generics.ListAPIView):  # expect: WB212 django.db.models.QuerySet.__iter__ via GET /joined
    queryset = Book.objects.select_related("author").prefetch_related("author__book_set")
    serializer_class = NestedSerializer
    pagination_class = None


class Dotted(APIView):
    def get(self, request):
        return Response(DottedSerializer(Book.objects.all(), many=True).data)  # expect: WB212 django.db.models.QuerySet.__iter__ via GET /dotted


class One(generics.RetrieveAPIView):  # expect: WB212 rest_framework.generics.get_object_or_404 via GET /one/<int:pk>
    queryset = Book.objects.all()
    serializer_class = MethodSerializer


class Keys(APIView):
    def get(self, request):
        rows = list(Book.objects.all())  # expect: WB212 django.db.models.QuerySet.__iter__ via GET /keys
        return Response(KeysSerializer(rows, many=True).data)


def shown(given, many):
    return TruthSerializer(given, many=many).data  # expect: WB212 django.db.models.QuerySet.__iter__ via GET /truths


class Truths(APIView):
    def get(self, request):
        one = Book.objects.get(pk=1)  # expect: WB212 django.db.models.QuerySet.get via GET /truths
        return Response([shown(Book.objects.all(), True), shown(one, False)])


class Reviews(APIView):
    def get(self, request):
        return Response(ReviewSerializer(Review.objects.all(), many=True).data)  # expect: WB212 django.db.models.QuerySet.__iter__ via GET /reviews

    def post(self, request):
        sent = ReviewSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        sent.save()  # expect: WB212 django.db.models.Model.save via POST /reviews
        return Response({})


class BookViewSet(viewsets.ModelViewSet):  # expect: WB212 django.db.models.QuerySet.__iter__ via GET /books/; WB212 rest_framework.generics.get_object_or_404 via DELETE /books/(?P<pk>[^/.]+)/, GET /books/(?P<pk>[^/.]+)/, PATCH /books/(?P<pk>[^/.]+)/, PUT /books/(?P<pk>[^/.]+)/; WB212 django.db.models.Model.save via PATCH /books/(?P<pk>[^/.]+)/, PUT /books/(?P<pk>[^/.]+)/
    queryset = Book.objects.all()
    serializer_class = KeysSerializer
    pagination_class = None

    def perform_create(self, serializer):
        serializer.save(title="x")  # expect: WB212 django.db.models.Model.save via POST /books/

    def perform_destroy(self, book):
        print(book.author.name)  # expect: WB214 django.db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__ via DELETE /books/(?P<pk>[^/.]+)/
        book.delete()  # expect: WB212 django.db.models.Model.delete via DELETE /books/(?P<pk>[^/.]+)/
