import requests
from asgiref.sync import sync_to_async


@sync_to_async
def fetch():
    return requests.get("http://a")  # ok


async def foo():
    return await fetch()
