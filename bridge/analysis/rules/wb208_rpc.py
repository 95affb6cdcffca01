"""A request that calls a remote procedure.

## What it does

Finds grpc, xmlrpc, zeep, suds, Thrift and Pyro.

## Why it blocks

It reads like a function call and is a round trip over the network. gRPC waits inside C, where a cancelled
request does not reach it.

## Example

    import grpc

    channel = grpc.insecure_channel("stock:50051")

    def stock(product):
        return StockStub(channel).Count(product)

## Use instead

    import grpc

    channel = grpc.aio.insecure_channel("stock:50051")

    async def stock(product):
        return await StockStub(channel).Count(product)

## References

- https://grpc.github.io/grpc/python/grpc_asyncio.html
- https://docs.python-zeep.org/en/master/client.html#asyncio-support
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB208",
    name="rpc",
    message="{sink} calls a procedure on another machine",
    effort=3,
    sinks=(
        "grpc",
        "xmlrpc",
        "zeep",
        "suds",
        "thrift",
        "thriftpy2",
        "Pyro4",
        "Pyro5",
        "rpyc",
        "jsonrpc",
        "nameko",
        "odoorpc",
        "pysimplesoap",
        "spyne",
    ),
)
