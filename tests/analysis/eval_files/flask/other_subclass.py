import requests
from flask import Flask

app = Flask(__name__, static_folder=None)


class Base:
    def load(self):
        return self.fetch()


class Remote(Base):
    def fetch(self):
        return requests.get("http://a").text  # ok


class Local(Base):
    def fetch(self):
        return "here"


@app.get("/x")
def x():
    return Local().load()
