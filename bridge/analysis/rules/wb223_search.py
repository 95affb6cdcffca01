"""A request that asks a search engine.

## What it does

Finds elasticsearch, opensearch-py, pysolr, Haystack, Algolia, Meilisearch and their DSLs.

## Why it blocks

A search is an HTTP request to a cluster, and the slow ones are slow there.

## Example

    from elasticsearch import Elasticsearch

    client = Elasticsearch("http://localhost:9200")

    def find(words):
        return client.search(index="products", query={"match": {"name": words}})

## Use instead

    from elasticsearch import AsyncElasticsearch

    client = AsyncElasticsearch("http://localhost:9200")

    async def find(words):
        return await client.search(index="products", query={"match": {"name": words}})

## References

- https://elasticsearch-py.readthedocs.io/en/latest/async.html
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB223",
    name="search",
    message="{sink} asks a search engine",
    sinks=(
        "elasticsearch",
        "elasticsearch_dsl",
        "elasticsearch_django",
        "django_elasticsearch_dsl",
        "opensearchpy",
        "opensearch_dsl",
        "pysolr",
        "haystack",
        "algoliasearch",
        "meilisearch",
        "typesense",
        "whoosh",
        "sphinxapi",
    ),
)
