from django.urls import include, path
from rest_framework.routers import SimpleRouter  # expect: WB604 djangorestframework
from shop.views import AnsweringViewSet, AskingViewSet

router = SimpleRouter()
router.register("answering", AnsweringViewSet, basename="answering")
router.register("asking", AskingViewSet, basename="asking")
urlpatterns = [path("", include(router.urls))]
