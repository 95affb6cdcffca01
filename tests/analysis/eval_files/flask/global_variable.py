from flask import Flask

app = Flask(__name__, static_folder=None)


count = 0


@app.get("/x")
def x():  # expect: WB510 count via GET /x
    global count
    count += 1
    return str(count)
