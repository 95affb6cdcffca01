import time

from quart import Quart


app = Quart(__name__, static_folder=None)


@app.get("/x")
async def x():
    time.sleep(1)  # expect: WB751 time.sleep via GET /x
    return "late"
