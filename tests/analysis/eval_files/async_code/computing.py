import hashlib


async def foo():
    hashlib.scrypt(b"a", salt=b"b", n=2, r=8, p=1)  # expect: WB755 hashlib.scrypt
