from bottle import Bottle, request

app = Bottle()


@app.get("/x")
def x():
    return {"a": 1}.get("a", request.query.get("b"))  # ok
