import asyncio
from flask import Flask

app = Flask(__name__, static_folder=None)


async def quotes():
    await asyncio.sleep(1)  # ok


@app.get("/x")
def x():
    asyncio.run(quotes())  # expect: WB532 asyncio.run via GET /x
    return "done"
