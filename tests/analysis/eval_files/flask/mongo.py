import pymongo
from flask import Flask

app = Flask(__name__, static_folder=None)


database = pymongo.MongoClient().shop


@app.get("/x")
def x():
    return str(database.orders.find_one({}))  # expect: WB221 pymongo.collection.Collection.find_one via GET /x
