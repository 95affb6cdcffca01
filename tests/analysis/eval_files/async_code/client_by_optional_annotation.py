from typing import Optional

import httpx


async def foo(client: Optional[httpx.Client]):
    return client.post("http://a")  # expect: WB710 httpx.Client.post
