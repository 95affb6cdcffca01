from django.urls import path
from shop import views

urlpatterns = [
    path("remark/", views.remark),
    path("name/", views.name),
    path("code/", views.code),
    path("teacher/", views.teacher),
    path("added/", views.added),
    path("either/", views.either),
    path("words/", views.a_list),
    path("authors/", views.a_query_set),
]
