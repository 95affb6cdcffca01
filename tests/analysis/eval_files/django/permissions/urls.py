from django.urls import path
from shop import views

urlpatterns = [
    path("asked/", views.asked),
    path("decorated/", views.decorated),
    path("mixin/", views.Mixin.as_view()),
    path("own/", views.Own.as_view()),
]
