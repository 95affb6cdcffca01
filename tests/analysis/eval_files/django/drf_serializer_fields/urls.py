from django.urls import include, path
from rest_framework.routers import SimpleRouter  # expect: WB604 djangorestframework
from shop import views

router = SimpleRouter()
router.register("books", views.BookViewSet)
urlpatterns = [
    path("authors", views.Authors.as_view()),
    path("nested", views.Nested.as_view()),
    path("joined", views.Joined.as_view()),
    path("dotted", views.Dotted.as_view()),
    path("one/<int:pk>", views.One.as_view()),
    path("keys", views.Keys.as_view()),
    path("truths", views.Truths.as_view()),
    path("reviews", views.Reviews.as_view()),
    path("", include(router.urls)),
]
