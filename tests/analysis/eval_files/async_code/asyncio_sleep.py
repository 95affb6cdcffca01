import asyncio


async def foo():
    await asyncio.sleep(1)  # ok
