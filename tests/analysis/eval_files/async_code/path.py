import os
from pathlib import Path


async def foo():
    return os.path.exists("a")  # expect: WB740 os.path.exists


async def bar():
    return Path("a").exists()  # expect: WB740 pathlib.Path.exists
