import httpx


async def foo(client: httpx.Client):
    return client.post("http://a")  # expect: WB710 httpx.Client.post
