"""A request that talks to a graph, column or time-series database.

## What it does

Finds neo4j, influxdb-client, cassandra-driver, clickhouse-driver, couchbase, CouchDB, ArangoDB and their kin.

## Why it blocks

The driver waits for the cluster, some of them inside threads of their own that the request waits for in turn.

## Example

    from neo4j import GraphDatabase

    driver = GraphDatabase.driver("bolt://localhost")

    def friends(user):
        return driver.execute_query("MATCH (u {id: $id})--(f) RETURN f", id=user)

## Use instead

    from neo4j import AsyncGraphDatabase

    driver = AsyncGraphDatabase.driver("bolt://localhost")

    async def friends(user):
        return await driver.execute_query("MATCH (u {id: $id})--(f) RETURN f", id=user)

## References

- https://neo4j.com/docs/api/python-driver/current/async_api.html
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB224",
    name="other-store",
    message="{sink} waits for a data store",
    effort=3,
    sinks=(
        "neo4j",
        "py2neo",
        "neomodel",
        "influxdb",
        "influxdb_client",
        "influxdb_client_3",
        "cassandra",
        "dse",
        "clickhouse_driver",
        "clickhouse_connect",
        "couchbase",
        "couchdb",
        "cloudant",
        "arango",
        "rethinkdb",
        "aerospike",
        "tarantool",
        "happybase",
        "pymilvus",
        "tinydb",
        "leveldb",
        "plyvel",
        "lmdb",
        "rocksdb",
    ),
)
