import time


async def foo():
    def inner():
        time.sleep(1)  # ok

    return inner
