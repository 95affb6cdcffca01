from django.urls import path
from ninja import NinjaAPI
from shop.guards import Key, session

api = NinjaAPI(docs_url=None, auth=[Key(), session])
api.add_router("/books/", "shop.api.router")


@api.exception_handler(ValueError)
def failed(request, error):
    return api.create_response(request, {}, status=400)


urlpatterns = [path("api/v1/", api.urls)]
