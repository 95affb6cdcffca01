import time

from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response
from shop.models import Book


class BookSerializer(serializers.ModelSerializer):
    class Meta:
        model = Book
        fields = ["title"]

    def validate(self, data):
        time.sleep(1)  # expect: WB101 time.sleep via GET /asking/, POST /answering/
        return data

    def to_representation(self, instance):
        time.sleep(2)  # expect: WB101 time.sleep via GET /answering/, POST /answering/
        return {}


class AnsweringViewSet(mixins.ListModelMixin, mixins.CreateModelMixin, viewsets.GenericViewSet):  # expect: WB212 django.db.models.Model.save via POST /answering/
    queryset = Book.objects.all()
    serializer_class = BookSerializer
    pagination_class = None

    def list(self, request, *args, **kwargs):  # nobody sends it anything
        return super().list(request, *args, **kwargs)


class AskingViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    queryset = Book.objects.all()
    serializer_class = BookSerializer
    pagination_class = None

    def list(self, request, *args, **kwargs):
        sent = self.get_serializer(data=request.query_params)
        sent.is_valid(raise_exception=True)
        return Response({})


class ShelvedSerializer(serializers.ModelSerializer):
    class Meta:
        model = Book
        fields = ["title"]

    def create(self, validated_data):
        time.sleep(3)  # expect: WB101 time.sleep via POST /shelved/
        return Book(**validated_data)

    def update(self, instance, validated_data):
        time.sleep(4)  # expect: WB101 time.sleep via PATCH /shelved/(?P<pk>[^/.]+)/, PUT /shelved/(?P<pk>[^/.]+)/
        return instance


class ShelvedViewSet(mixins.CreateModelMixin, mixins.UpdateModelMixin, viewsets.GenericViewSet):  # expect: WB212 rest_framework.generics.get_object_or_404 via PATCH /shelved/(?P<pk>[^/.]+)/, PUT /shelved/(?P<pk>[^/.]+)/
    queryset = Book.objects.all()
    serializer_class = ShelvedSerializer


class ActingViewSet(viewsets.GenericViewSet):
    queryset = Book.objects.all()
    pagination_class = None

    def list(self, request):
        time.sleep(5)  # expect: WB101 time.sleep via GET /acting/
        return Response({})

    def get_queryset(self):
        time.sleep(6)  # expect: WB101 time.sleep via GET /acting/(?P<pk>[^/.]+)/act/
        return Book.objects.all()

    @action(detail=True, methods=["get"])
    def act(self, request, pk=None):
        return Response({"id": self.get_object().pk})  # expect: WB212 django.db.models.QuerySet.get via GET /acting/(?P<pk>[^/.]+)/act/
