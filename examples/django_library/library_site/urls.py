"""All addresses of the library."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path
from django.views.static import serve

admin.site.site_header = "Riverside Library"
admin.site.site_title = "Riverside Library"
admin.site.index_title = "Staff room"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/login/", LoginView.as_view(), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("media/<path:path>", serve, {"document_root": settings.MEDIA_ROOT}),
    path("", include("catalogue.urls")),
    path("", include("lending.urls")),
]
