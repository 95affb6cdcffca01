from flask import Flask

app = Flask(__name__, static_folder=None)


seen = []


@app.get("/x")
def x():
    seen.append(1)  # expect: WB511 a module's container via GET /x
    return str(seen)
