import time


async def foo():
    def inner():
        time.sleep(1)  # expect: WB751 time.sleep

    inner()
