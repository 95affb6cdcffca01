from rest_framework import serializers
from shop.models import Author, Book, Review


class AuthorSerializer(serializers.ModelSerializer):
    class Meta:
        model = Author
        fields = [
            "name",
            "book_set",  # expect: WB611 django.db.models.QuerySet.__iter__ via GET /authors, GET /nested
        ]


class NestedSerializer(serializers.ModelSerializer):
    author = AuthorSerializer(read_only=True)  # expect: WB611 django.db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__ via GET /nested

    class Meta:
        model = Book
        fields = ["title", "author", "signed"]


class DottedSerializer(serializers.ModelSerializer):
    author_name = serializers.CharField(source="author.name")  # expect: WB611 django.db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__ via GET /dotted

    class Meta:
        model = Book
        fields = ["author", "author_name"]


class MethodSerializer(serializers.ModelSerializer):
    author_name = serializers.SerializerMethodField()

    class Meta:
        model = Book
        fields = ["author_name"]

    def get_author_name(self, book):
        return book.author.name  # expect: WB611 django.db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__ via GET /one/<int:pk>


class KeysSerializer(serializers.ModelSerializer):  # ok: keys of relations are columns
    author = serializers.PrimaryKeyRelatedField(read_only=True)

    class Meta:
        model = Book
        fields = ["title", "author"]


class TruthSerializer(serializers.ModelSerializer):
    is_there = serializers.SerializerMethodField()

    class Meta:
        model = Book
        fields = ["is_there"]

    def get_is_there(self, book):
        return bool(book)  # ok: it is one book, and never the query set that another call gives


class ReviewSerializer(serializers.ModelSerializer):
    class Meta:
        model = Review
        fields = ["book", "praises"]

    def validate_book(self, book):
        return Book.objects.get(pk=1)  # expect: WB212 django.db.models.QuerySet.get via POST /reviews

    def to_representation(self, instance):
        shown = super().to_representation(instance)
        return {"review": shown}
