from django.urls import include, path
from rest_framework.routers import SimpleRouter  # expect: WB604 djangorestframework
from shop.views import CursorViewSet, PagedViewSet, WholeViewSet

router = SimpleRouter()
router.register("cursor", CursorViewSet, basename="cursor")
router.register("whole", WholeViewSet, basename="whole")
router.register("paged", PagedViewSet, basename="paged")
urlpatterns = [path("", include(router.urls))]
