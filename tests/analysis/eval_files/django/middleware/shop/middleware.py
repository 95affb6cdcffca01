import time


class Slow:  # expect: WB601 shop.middleware.Slow via ANY /x/
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        time.sleep(1)  # expect: WB101 time.sleep via ANY /x/
        return self.get_response(request)
