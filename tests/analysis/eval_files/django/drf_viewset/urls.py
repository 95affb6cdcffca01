from django.urls import include, path
from rest_framework.routers import SimpleRouter  # expect: WB604 djangorestframework
from shop.views import BookViewSet

router = SimpleRouter()
router.register("books", BookViewSet, basename="book")
urlpatterns = [path("", include(router.urls))]
