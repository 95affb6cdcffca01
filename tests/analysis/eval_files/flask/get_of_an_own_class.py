from flask import Flask

app = Flask(__name__, static_folder=None)


class Store:
    def get(self, key):
        return key


store = Store()


@app.get("/x")
def x():
    return store.get("a")  # ok
