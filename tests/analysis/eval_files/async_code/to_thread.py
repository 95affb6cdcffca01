import asyncio

import requests


async def foo():
    return await asyncio.to_thread(requests.get, "http://a")  # ok
