from django.urls import include, path
from rest_framework.routers import SimpleRouter  # expect: WB604 djangorestframework
from shop.views import ActingViewSet, AnsweringViewSet, AskingViewSet, ShelvedViewSet

router = SimpleRouter()
router.register("answering", AnsweringViewSet, basename="answering")
router.register("asking", AskingViewSet, basename="asking")
router.register("shelved", ShelvedViewSet, basename="shelved")
router.register("acting", ActingViewSet, basename="acting")
urlpatterns = [path("", include(router.urls))]
