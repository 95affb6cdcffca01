import asyncio

import requests


def fetch():
    return requests.get("http://a")  # ok


async def foo():
    return await asyncio.to_thread(fetch)
