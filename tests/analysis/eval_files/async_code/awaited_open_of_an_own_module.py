async def open(name):
    return name


async def foo():
    return await open("a")  # ok
