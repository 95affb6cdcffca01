import requests
from fastapi import FastAPI

app = FastAPI()


@app.get("/x")
def x():
    return requests.get("http://a").text  # expect: WB201 requests.get via GET /x
