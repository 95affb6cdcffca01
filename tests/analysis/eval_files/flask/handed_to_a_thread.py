import threading
import time
from flask import Flask

app = Flask(__name__, static_folder=None)


def work():
    time.sleep(1)  # ok


@app.get("/x")
def x():
    threading.Thread(target=work).start()  # expect: WB531 threading.Thread.start via GET /x
    return "at once"
