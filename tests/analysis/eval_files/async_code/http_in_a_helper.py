import requests


def fetch():
    return requests.get("http://a")  # expect: WB710 requests.get


async def foo():
    return fetch()
