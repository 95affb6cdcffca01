from flask import Flask

app = Flask(__name__, static_folder=None)


class requests:
    @staticmethod
    def get(address):
        return address


@app.get("/x")
def x():
    return requests.get("http://a")  # ok
