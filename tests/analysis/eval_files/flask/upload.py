from flask import request
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.post("/x")
def x():
    request.files["a"].save("b")  # expect: WB306 werkzeug.datastructures.FileStorage.save via POST /x
    return "saved"
