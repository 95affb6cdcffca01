from django.urls import path
from shop import views

urlpatterns = [
    path("assigned/", views.assigned),
    path("afterwards/", views.afterwards),
    path("another/", views.another),
    path("the_key/", views.the_key),
]
