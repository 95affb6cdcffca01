"""A log line that waits for the network.

## What it does

Finds `SocketHandler`, `SMTPHandler`, `HTTPHandler` and `SysLogHandler` of `logging.handlers` where a request
logs through them.

## Why it blocks

Every log line of a request waits for the log server, under the handler's lock: one slow line holds up all that
log at the same time.

## Example

    import logging.handlers

    logging.getLogger().addHandler(logging.handlers.SysLogHandler(address=("logs", 514)))

## Use instead

    import logging.handlers
    import queue

    lines = queue.SimpleQueue()
    logging.getLogger().addHandler(logging.handlers.QueueHandler(lines))
    listener = logging.handlers.QueueListener(lines, logging.handlers.SysLogHandler(address=("logs", 514)))

## References

- https://docs.python.org/3/library/logging.handlers.html#queuelistener
- https://docs.python.org/3/howto/logging-cookbook.html#dealing-with-handlers-that-block
"""

from __future__ import annotations

from bridge.analysis.model import Severity
from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB240",
    name="logging-over-network",
    message="{sink} sends each log line over the network",
    severity=Severity.WARNING,
    effort=3,
    sinks=(
        "logging.handlers",
        "logstash",
        "logstash_async",
        "graypy",
        "pygelf",
        "fluent",
        "loggly",
    ),
)
