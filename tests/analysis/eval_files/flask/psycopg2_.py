import psycopg2
from flask import Flask

app = Flask(__name__, static_folder=None)


def connect():
    return psycopg2.connect("dbname=a")  # expect: WB210 psycopg2.connect via GET /x


@app.get("/x")
def x():
    cursor = connect().cursor()
    cursor.execute("SELECT 1")  # expect: WB210 psycopg2.extensions.cursor.execute via GET /x
    return str(cursor.fetchone())  # expect: WB210 psycopg2.extensions.cursor.fetchone via GET /x
