"""A request that makes an HTTP request with a blocking client.

## What it does

Finds calls of requests, httpx's synchronous client, urllib, urllib3, http.client and the clients built on them.

## Why it blocks

The thread waits for name look-up, connection, TLS and the whole answer of somebody else's server. Its slowest
day is yours: when each answer takes a second, forty threads give forty requests a second.

## Example

    import requests

    def rates(weight):
        return requests.get(f"https://carrier.example/rates/{weight}", timeout=5).json()

## Use instead

    import httpx

    client = httpx.AsyncClient(timeout=5)

    async def rates(weight):
        return (await client.get(f"https://carrier.example/rates/{weight}")).json()

## References

- https://www.python-httpx.org/async/
- https://docs.aiohttp.org/en/stable/client.html
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB201",
    name="http-client",
    message="{sink} waits for an answer over HTTP",
    sinks=(
        "requests",
        "httpx",
        "httpx2",
        "urllib3",
        "urllib.request",
        "http.client",
        "httplib2",
        "requests_oauthlib",
        "requests_toolbelt",
        "requests_cache",
        "requests_html",
        "cachecontrol",
        "authlib",
        "pycurl",
        "treq",
        "mechanize",
        "robobrowser",
        "feedparser",
        "urlfetch",
        "niquests",
        "oauthlib",
        "social_core",
        "social_django",
        "cloudscraper",
        "wsgiproxy",
        "webob.client",
    ),
)
