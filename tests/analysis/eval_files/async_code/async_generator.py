import requests


async def rows():
    for number in range(3):
        yield requests.get(str(number))  # expect: WB710 requests.get
