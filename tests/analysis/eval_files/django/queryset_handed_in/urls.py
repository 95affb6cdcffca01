from django.urls import path
from shop import views

urlpatterns = [
    path("each_round/", views.each_round),
    path("new_each_round/", views.new_each_round),
    path("narrowed_each_round/", views.narrowed_each_round),
    path("kept/", views.kept),
    path("rebound/", views.rebound),
    path("helped/", views.helped),
    path("counted/", views.counted),
    path("seen/", views.seen),
    path("included/", views.included),
    path("seen_by_a_helper/", views.seen_by_a_helper),
    path("unseen/", views.unseen),
]
