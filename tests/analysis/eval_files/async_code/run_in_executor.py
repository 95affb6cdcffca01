import asyncio

import requests


def fetch():
    return requests.get("http://a")  # ok


async def foo():
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, fetch)
