import time


def application(environ, start_response):
    time.sleep(1)  # expect: WB101 time.sleep via ANY /
    start_response("200 OK", [])
    return [b"late"]
