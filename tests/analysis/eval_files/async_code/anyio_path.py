import anyio


async def foo():
    return await anyio.Path("a").read_text()  # ok
