import smtplib
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.post("/x")
def x():
    server = smtplib.SMTP("localhost")  # expect: WB204 smtplib.SMTP via POST /x
    server.sendmail("a", "b", "c")  # expect: WB204 smtplib.SMTP.sendmail via POST /x
    return "sent"
