import asyncio

import requests


def fetch():
    return requests.get("http://a")  # expect: WB710 requests.get


async def foo():
    await asyncio.to_thread(fetch)
    return fetch()
