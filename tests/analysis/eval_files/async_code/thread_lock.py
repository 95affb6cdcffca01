import threading


lock = threading.Lock()


async def foo():
    with lock:  # expect: WB752 threading.Lock.__enter__
        return 1
