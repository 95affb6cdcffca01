from django.urls import include, path
from rest_framework.routers import SimpleRouter  # expect: WB604 djangorestframework
from shop.views import AnsweringViewSet, AskingViewSet, ShelvedViewSet

router = SimpleRouter()
router.register("answering", AnsweringViewSet, basename="answering")
router.register("asking", AskingViewSet, basename="asking")
router.register("shelved", ShelvedViewSet, basename="shelved")
urlpatterns = [path("", include(router.urls))]
