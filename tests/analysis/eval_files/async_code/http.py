import requests


async def foo():
    requests.get("http://a")  # expect: WB710 requests.get
