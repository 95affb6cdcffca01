import time

from bottle import get, post, run


@get("/x")
def x():
    return "at once"  # ok


@post("/y/<name>")
def y(name):
    time.sleep(1)  # expect: WB101 time.sleep via POST /y/<name>
    return name


if __name__ == "__main__":
    run()
