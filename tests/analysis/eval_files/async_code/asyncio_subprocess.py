import asyncio


async def foo():
    process = await asyncio.create_subprocess_exec("git")  # ok
    await process.wait()  # ok
