# What linters of async code say about these lines is told in migration_guide/check.md.
import time

import requests
from flask import Flask

app = Flask(__name__, static_folder=None)


def rates(weight):
    url = f"http://127.0.0.1:9/rates/{weight}"
    return requests.get(url).json()  # expect: WB201 requests.get via GET /rates/<int:weight>; WB710 requests.get via GET /async/<int:weight>


@app.get("/rates/<int:weight>")
def show(weight):
    time.sleep(0.1)  # expect: WB101 time.sleep via GET /rates/<int:weight>
    return rates(weight)


@app.get("/async/<int:weight>")
async def show_async(weight):
    time.sleep(0.1)  # expect: WB751 time.sleep via GET /async/<int:weight>
    return rates(weight)
