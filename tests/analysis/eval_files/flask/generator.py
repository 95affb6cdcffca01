import requests
from flask import Flask

app = Flask(__name__, static_folder=None)


def pages():
    for number in range(3):
        yield requests.get(f"http://a/{number}").text  # expect: WB201 requests.get via GET /x


@app.get("/x")
def x():
    return "".join(pages())
