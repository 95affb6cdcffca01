async def foo():
    with open("a") as file:  # expect: WB730 open
        return file.read()  # expect: WB730 io.TextIOWrapper.read
