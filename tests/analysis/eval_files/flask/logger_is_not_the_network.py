import logging
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    app.logger.info("asked")  # ok
    logging.getLogger(__name__).warning("asked")  # ok
    return "a"
