import httpx


async def foo():
    client = httpx.Client()
    return client.get("http://a")  # expect: WB710 httpx.Client.get
