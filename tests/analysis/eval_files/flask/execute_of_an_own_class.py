from flask import Flask

app = Flask(__name__, static_folder=None)


class Command:
    def execute(self, text):
        return text


@app.get("/x")
def x():
    return Command().execute("SELECT 1")  # ok
