import time

import redis
import requests
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    store.get("a")  # expect: WB220 redis.Redis.get via GET /x
    requests.get("http://a")  # expect: WB201 requests.get via GET /x
    time.sleep(1)  # expect: WB101 time.sleep via GET /x
    return "done"


store = redis.Redis()
# verdict: GET /x rewrite greenlet
