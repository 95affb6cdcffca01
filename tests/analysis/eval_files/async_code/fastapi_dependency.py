import time

from fastapi import Depends, FastAPI

app = FastAPI()


async def slow():
    time.sleep(1)  # expect: WB751 time.sleep via GET /x


@app.get("/x")
async def x(_=Depends(slow)):
    return "late"
