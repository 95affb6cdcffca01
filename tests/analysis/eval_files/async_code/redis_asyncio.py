import redis.asyncio as redis


store = redis.Redis()


async def foo():
    return await store.get("a")  # ok
