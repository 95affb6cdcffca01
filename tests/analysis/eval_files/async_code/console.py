async def foo():
    return input("really? ")  # expect: WB750 input
