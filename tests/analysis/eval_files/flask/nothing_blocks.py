from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    return ", ".join(sorted(str(number) for number in range(10)))  # ok
# verdict: GET /x ready thread
