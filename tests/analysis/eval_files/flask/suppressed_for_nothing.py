from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    return "a"  # noqa: WB101 # expect: WB905 # noqa: WB101
