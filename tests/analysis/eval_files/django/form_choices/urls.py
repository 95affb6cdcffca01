from django.urls import path
from shop import views

urlpatterns = [path("declared/", views.Declared.as_view()), path("meta/<int:pk>/", views.Meta.as_view())]
