import anyio
import requests


def fetch():
    return requests.get("http://a")  # ok


async def foo():
    return await anyio.to_thread.run_sync(fetch)
