import requests


def fetch():
    return requests.get("http://a")  # ok


async def foo():
    return 1
