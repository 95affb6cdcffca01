import time


async def foo():
    time.sleep(1)  # expect: WB751 time.sleep
