import abc
import time

from oidc_library.middleware import SessionRefresh


class Refresh(SessionRefresh):  # whether its base is async-capable, nobody can tell here
    def process_request(self, request):
        time.sleep(1)  # expect: WB101 time.sleep via ANY /x/


class Abstract(abc.ABC):  # expect: WB601 shop.middleware.Abstract via ANY /x/
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)
