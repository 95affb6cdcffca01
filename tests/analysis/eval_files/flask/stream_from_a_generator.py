from flask import Response
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    def rows():
        yield "a"

    return Response(rows())  # expect: WB630 flask.Response via GET /x
# verdict: GET /x ready stream
