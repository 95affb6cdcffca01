import httpx
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    return httpx.get("http://a").text  # expect: WB201 httpx.get via GET /x
