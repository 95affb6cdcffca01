import os
from pathlib import Path


async def foo():
    return os.path.join("a", "b"), Path("a") / "b", Path("a").name  # ok
