"""A request that talks to a database through a blocking driver.

## What it does

Finds `connect`, `execute`, `fetch*`, `commit` and their kin of psycopg2, psycopg, PyMySQL, mysqlclient,
sqlite3, pyodbc, oracledb and other DB-API drivers.

## Why it blocks

Each statement is a round trip, and a commit waits for a disk. Drivers that are written in C (mysqlclient,
sqlite3, pyodbc) wait where nothing can yield.

## Example

    import psycopg2

    def user(number):
        with psycopg2.connect(DSN) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT name FROM users WHERE id = %s", [number])
            return cursor.fetchone()

## Use instead

    import psycopg

    async def user(number):
        async with await psycopg.AsyncConnection.connect(DSN) as connection:
            cursor = await connection.execute("SELECT name FROM users WHERE id = %s", [number])
            return await cursor.fetchone()

## References

- https://www.psycopg.org/psycopg3/docs/advanced/async.html
- https://peps.python.org/pep-0249/
"""

from __future__ import annotations

from bridge.analysis.model import Category
from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB210",
    name="database-driver",
    message="{sink} waits for the database",
    effort=3,
    sinks=(
        "psycopg2",
        "psycopg",
        "psycopg_pool",
        "pg8000",
        "pymysql",
        "MySQLdb",
        "mysql",
        "mariadb",
        "sqlite3",
        "apsw",
        "pysqlite2",
        "pyodbc",
        "pymssql",
        "oracledb",
        "cx_Oracle",
        "firebirdsql",
        "fdb",
        "ibm_db",
        "jaydebeapi",
        "hdbcli",
        "vertica_python",
        "snowflake",
        "databricks",
        "trino",
        "presto",
        "pyhive",
        "impala",
        "duckdb",
        "records",
        "dataset",
        "dbutils",
        "sqlcipher3",
        "turbodbc",
        "adodbapi",
        "flask_mysqldb",
        "flask_mysql",
        "flaskext.mysql",
    ),
    categories=(Category.DATABASE,),
)
