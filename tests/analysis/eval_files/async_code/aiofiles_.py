import aiofiles


async def foo():
    async with aiofiles.open("a") as file:  # ok
        return await file.read()  # ok
