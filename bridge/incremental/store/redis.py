"""A store in Redis, for the workers of many machines.

Keys, NAME being the migration's (`redis://host/0?name=shop`; "migration" unless given):

    wsgi-bridge:{NAME}:revision             string  the number of the last change
    wsgi-bridge:{NAME}:settings             hash    route -> setting; route, 0x1f and field -> "ignored"
    wsgi-bridge:{NAME}:history              list    changes as JSON, the newest first
    wsgi-bridge:{NAME}:routes               set     the routes that have counters
    wsgi-bridge:{NAME}:counters:ROUTE       hash    counter -> number
    wsgi-bridge:{NAME}:differences:ROUTE    list    differences as JSON, the newest first
    wsgi-bridge:{NAME}:batch:WRITER         string  the number of the last batch of one worker

Only the last kind expires, after a day. The braces are part of the key: in a cluster, all keys of a migration live on one node.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from bridge.errors import MissingExtra
from bridge.incremental.errors import StoreUnavailable
from bridge.incremental.store.base import (
    DIFFERENCES_KEPT,
    HISTORY_KEPT,
    Batch,
    Change,
    Counters,
    Difference,
    Settings,
    Store,
)

__all__ = ["RedisStore"]

TIMEOUT = 2.0  # seconds to connect and to answer; nobody's request waits for it
BATCH_KEPT = 24 * 60 * 60  # seconds: longer than a worker waits between two attempts to send one


class RedisStore(Store):
    """`url` is redis-py's, `redis://` or `rediss://`. Raises `MissingExtra` without the package redis."""

    def __init__(self, url: str) -> None:
        try:
            import redis
        except ImportError:
            raise MissingExtra("redis", package="redis", feature="a migration store in Redis") from None
        plain, name = _without_name(url)
        self.url = _without_password(url)
        self._errors: tuple[type[BaseException], ...] = (redis.RedisError, OSError)
        self._watch_error = redis.WatchError
        self._redis: Any = redis.Redis.from_url(
            plain, decode_responses=True, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT
        )
        self._prefix = f"wsgi-bridge:{{{name}}}:"

    @contextmanager
    def _available(self) -> Iterator[Any]:
        try:
            yield self._redis
        except self._errors as error:
            raise StoreUnavailable(self.url, error) from error

    def _key(self, *parts: str) -> str:
        return self._prefix + ":".join(parts)

    # ------------------------------------------------------------ settings

    def revision(self) -> int:
        """Return the number of the last change."""
        with self._available() as redis:
            return int(redis.get(self._key("revision")) or 0)

    def settings(self) -> Settings:
        """Return all settings as they were at one moment (MULTI)."""
        with self._available() as redis:
            pipeline = redis.pipeline(transaction=True)
            pipeline.get(self._key("revision")).hgetall(self._key("settings"))
            revision, routes = pipeline.execute()
            return Settings.of(int(revision or 0), routes)

    def change(
        self,
        routes: Mapping[str, str | None],
        *,
        by: str,
        reason: str = "",
        expected: Mapping[str, str | None] | None = None,
    ) -> Settings | None:
        """Change these routes at once (WATCH, MULTI), if `expected` is how they are."""
        with self._available():
            made = self._optimistically(
                self._key("revision"),
                lambda pipeline: self._queue_change(pipeline, routes, by, reason, expected or {}),
            )
        return self.settings() if made else None

    def _optimistically(self, watched: str, queue: Callable[[Any], bool]) -> bool:
        """Have `queue` read and queue commands, and again when somebody else was faster."""
        while True:
            with self._redis.pipeline(transaction=True) as pipeline:
                try:
                    pipeline.watch(watched)
                    if not queue(pipeline):
                        return False
                    pipeline.execute()
                except self._watch_error:
                    continue
                return True

    def _queue_change(
        self,
        pipeline: Any,
        routes: Mapping[str, str | None],
        by: str,
        reason: str,
        expected: Mapping[str, str | None],
    ) -> bool:
        before = pipeline.hgetall(self._key("settings"))
        revision = int(pipeline.get(self._key("revision")) or 0)
        if any(before.get(route) != setting for route, setting in expected.items()):
            return False
        pipeline.multi()
        for number, (route, after) in enumerate(routes.items(), start=revision + 1):
            if after is None:
                pipeline.hdel(self._key("settings"), route)
            else:
                pipeline.hset(self._key("settings"), route, after)
            change = Change.of(number, time.time(), route, before.get(route), after, by, reason)
            pipeline.lpush(self._key("history"), json.dumps(asdict(change)))
        pipeline.ltrim(self._key("history"), 0, HISTORY_KEPT - 1)
        pipeline.set(self._key("revision"), revision + len(routes))
        return True

    def history(self, limit: int = HISTORY_KEPT) -> list[Change]:
        """Return the last changes, the newest first."""
        with self._available() as redis:
            return [Change(**json.loads(text)) for text in redis.lrange(self._key("history"), 0, limit - 1)]

    # ------------------------------------------------------------ counters and differences

    def add(
        self, increments: Counters, differences: Sequence[Difference] = (), *, batch: Batch | None = None
    ) -> None:
        """Add and keep at once, a batch once (WATCH, MULTI: also where the first attempt is still on its way)."""
        key = self._key("batch", "" if batch is None else batch.writer)

        def queue(pipeline: Any) -> bool:
            return self._queue_add(pipeline, increments, differences, key, batch)

        with self._available():
            self._optimistically(key, queue)

    def _queue_add(
        self,
        pipeline: Any,
        increments: Counters,
        differences: Sequence[Difference],
        key: str,
        batch: Batch | None,
    ) -> bool:
        if batch is not None and pipeline.get(key) == str(batch.number):
            return False
        pipeline.multi()
        for route, counters in increments.items():
            pipeline.sadd(self._key("routes"), route)
            for name, number in counters.items():
                pipeline.hincrby(self._key("counters", route), name, number)
        for each in differences:
            pipeline.lpush(self._key("differences", each.route), each.to_json())
        for route in {each.route for each in differences}:
            pipeline.ltrim(self._key("differences", route), 0, DIFFERENCES_KEPT - 1)
        if batch is not None:
            pipeline.set(key, batch.number, ex=BATCH_KEPT)
        return True

    def counters(self) -> dict[str, dict[str, int]]:
        """Return every counter."""
        with self._available() as redis:
            routes = sorted(redis.smembers(self._key("routes")))
            pipeline = redis.pipeline(transaction=False)
            for route in routes:
                pipeline.hgetall(self._key("counters", route))
            found = zip(routes, pipeline.execute(), strict=True)
            return {
                route: {name: int(number) for name, number in numbers.items()}
                for route, numbers in found
                if numbers
            }

    def differences(self, route: str, limit: int = DIFFERENCES_KEPT) -> list[Difference]:
        """Return what is kept of a route, the newest first."""
        with self._available() as redis:
            texts = redis.lrange(self._key("differences", route), 0, limit - 1)
            return [Difference.from_json(text) for text in texts]

    def forget(self, route: str) -> None:
        """Drop a route's counters and differences."""
        with self._available() as redis:
            pipeline = redis.pipeline(transaction=True)
            pipeline.delete(self._key("counters", route), self._key("differences", route))
            pipeline.srem(self._key("routes"), route)
            pipeline.execute()

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        self._redis.close()


def _without_name(url: str) -> tuple[str, str]:
    """Return the URL as redis-py takes it, and the migration's name."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    name = query.pop("name", "migration")
    return urlunsplit(parts._replace(query=urlencode(query))), name


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    if parts.password is None:
        return url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:***@{host}"))
