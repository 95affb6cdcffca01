import requests
from flask import Flask

app = Flask(__name__, static_folder=None)


class Base:
    def load(self):
        return self.fetch()

    def fetch(self):
        raise NotImplementedError


class Remote(Base):
    def fetch(self):
        return requests.get("http://a").text  # expect: WB201 requests.get via GET /x


@app.get("/x")
def x():
    return Remote().load()
