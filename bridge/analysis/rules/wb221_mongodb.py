"""A request that talks to MongoDB through a blocking client.

## What it does

Finds pymongo and what stands on it: Flask-PyMongo, gridfs.

## Why it blocks

Each operation waits for the server, and the first also for the discovery of the cluster.

## Example

    from pymongo import MongoClient

    database = MongoClient().shop

    def product(slug):
        return database.products.find_one({"slug": slug})

## Use instead

    from pymongo import AsyncMongoClient

    database = AsyncMongoClient().shop

    async def product(slug):
        return await database.products.find_one({"slug": slug})

## References

- https://www.mongodb.com/docs/languages/python/pymongo-driver/current/reference/migration/
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB221",
    name="mongodb",
    message="{sink} waits for MongoDB",
    sinks=(
        "pymongo",
        "gridfs",
        "flask_pymongo",
        "bson",
        "motor",
        "mongita",
    ),
)
