import asyncio


lock = asyncio.Lock()


async def foo():
    async with lock:  # ok
        return 1
