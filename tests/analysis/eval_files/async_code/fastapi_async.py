import requests
from fastapi import FastAPI

app = FastAPI()


@app.get("/x")
async def x():
    return requests.get("http://a").text  # expect: WB710 requests.get via GET /x
# verdict: GET /x rewrite thread
