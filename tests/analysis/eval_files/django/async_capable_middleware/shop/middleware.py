from django.utils.decorators import sync_and_async_middleware


@sync_and_async_middleware
def quick(get_response):
    def middleware(request):
        return get_response(request)  # ok

    return middleware
