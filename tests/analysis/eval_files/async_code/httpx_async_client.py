import httpx


async def foo():
    async with httpx.AsyncClient() as client:
        return await client.get("http://a")  # ok
