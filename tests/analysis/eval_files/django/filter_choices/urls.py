from django.urls import path
from shop import views

urlpatterns = [path("a/", views.A.as_view()), path("b/", views.B.as_view()), path("c/", views.C.as_view())]
