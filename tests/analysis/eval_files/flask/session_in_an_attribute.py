import requests
from flask import Flask

app = Flask(__name__, static_folder=None)


class Client:
    def __init__(self, session):
        self.session = session

    def rates(self):
        return self.session.get("http://a")  # expect: WB201 requests.Session.get via GET /x


client = Client(requests.Session())


@app.get("/x")
def x():
    return client.rates().text
