import requests
from flask import Flask

app = Flask(__name__, static_folder=None)


class User:
    @property
    def avatar(self):
        return requests.get("http://a").content  # expect: WB201 requests.get via GET /x


@app.get("/x")
def x():
    return User().avatar
