from django.urls import path
from ninja_extra import NinjaExtraAPI

api = NinjaExtraAPI()
api.auto_discover_controllers()

urlpatterns = [path("api/", api.urls)]
