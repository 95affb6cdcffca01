from django.urls import include, path
from rest_framework.routers import SimpleRouter  # expect: WB604 djangorestframework
from shop import views

router = SimpleRouter()
router.register("books", views.BookViewSet)
urlpatterns = [
    path("one/<int:pk>", views.One.as_view()),
    path("all", views.All.as_view()),
    path("shown/<int:pk>", views.Shown.as_view()),
    path("joined/<int:pk>", views.Joined.as_view()),
    path("ordered/<int:pk>", views.Ordered.as_view()),
    path("", include(router.urls)),
]
