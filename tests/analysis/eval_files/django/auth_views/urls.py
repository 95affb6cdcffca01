from django.contrib.auth import views
from django.urls import path

urlpatterns = [
    path("logout/", views.LogoutView.as_view()),  # expect: WB212 django.contrib.auth.logout via POST /logout/
    path("reset/", views.PasswordResetView.as_view()),  # expect: WB212 django.db.models.QuerySet.__iter__ via POST /reset/; WB204 django.core.mail.EmailMessage.send via POST /reset/
]
