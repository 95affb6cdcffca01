import threading
import time
from flask import Flask

app = Flask(__name__, static_folder=None)


def work():
    time.sleep(1)  # ok


@app.get("/x")
def x():
    thread = threading.Thread(target=work)
    thread.start()  # expect: WB531 threading.Thread.start via GET /x
    thread.join()  # expect: WB104 threading.Thread.join via GET /x
    return "late"
