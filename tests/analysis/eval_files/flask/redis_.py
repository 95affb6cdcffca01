import redis
from flask import Flask

app = Flask(__name__, static_folder=None)


store = redis.Redis()


@app.get("/x")
def x():
    return str(store.incr("visits"))  # expect: WB220 redis.Redis.incr via GET /x
