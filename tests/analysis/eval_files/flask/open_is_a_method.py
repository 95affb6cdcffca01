from flask import Flask

app = Flask(__name__, static_folder=None)


class Door:
    def open(self):
        return "open"


@app.get("/x")
def x():
    return Door().open()  # ok
