import asyncio
import time

import requests
from flask import Flask


app = Flask(__name__, static_folder=None)


@app.get("/x")
async def x():
    await asyncio.to_thread(requests.get, "http://a")  # ok
    time.sleep(1)  # expect: WB751 time.sleep via GET /x
    return "late"
