import requests


class Client:
    def __init__(self, session):
        self.session = session

    def get(self, path):
        return self._send(path)

    def _send(self, path):
        return self.session.get(path)  # expect: WB710 requests.Session.get


async def foo():
    return Client(requests.Session()).get("/a")
