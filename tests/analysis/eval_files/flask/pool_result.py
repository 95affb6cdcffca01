import time
from concurrent.futures import ThreadPoolExecutor
from flask import Flask

app = Flask(__name__, static_folder=None)


pool = ThreadPoolExecutor()


def work():
    time.sleep(1)  # ok


@app.get("/x")
def x():
    return str(pool.submit(work).result())  # expect: WB104 concurrent.futures.Future.result via GET /x
