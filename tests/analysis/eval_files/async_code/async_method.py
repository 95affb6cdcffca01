import requests


class Service:
    async def load(self):
        return self.fetch()

    def fetch(self):
        return requests.get("http://a")  # expect: WB710 requests.get
