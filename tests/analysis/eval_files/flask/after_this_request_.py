import time

from flask import Flask, after_this_request, make_response

app = Flask(__name__, static_folder=None)


@app.route("/decorated")
def decorated():
    @after_this_request
    def later(response):
        time.sleep(1)  # expect: WB101 time.sleep via GET /decorated
        return response

    return "a"


def count(response):
    time.sleep(2)  # expect: WB101 time.sleep via GET /given
    return response


@app.route("/given")
def given():
    after_this_request(count)
    return "b"


@app.route("/closed")
def closed():
    response = make_response("c")
    response.call_on_close(lambda: time.sleep(3))  # expect: WB101 time.sleep via GET /closed
    return response


@app.route("/neither")
def neither():
    def never(response):
        time.sleep(4)  # ok: nobody calls it
        return response

    return "d"
