from sqlalchemy.orm import scoped_session, sessionmaker
from flask import Flask

app = Flask(__name__, static_folder=None)


Session = scoped_session(sessionmaker())


@app.get("/x")
def x():
    return str(Session.execute("SELECT 1"))  # expect: WB503 sqlalchemy.orm.scoped_session via GET /x; WB211 sqlalchemy.orm.Session.execute via GET /x
# verdict: GET /x redesign thread
