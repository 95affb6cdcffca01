import sqlite3


async def foo():
    connection = sqlite3.connect("a.db")  # expect: WB753 sqlite3.connect
    connection.execute("SELECT 1")  # expect: WB753 sqlite3.Connection.execute
