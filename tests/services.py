"""The real services that driver tests talk to, and the rule that CI may not skip them by accident.

    @pytest.mark.service("postgresql")
    def test_...: ...

skips where nothing listens on the service's port. With CI=true a test that was skipped for whatever
reason (a driver that doesn't import, say) although its service answers is turned into a failure.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from functools import cache

import pytest

__all__ = ["SERVICES", "Service", "in_ci", "judge_skip", "skip_without_service"]

CONNECT_TIMEOUT = 2.0  # seconds; loopback answers at once or not at all


@dataclass(frozen=True, slots=True)
class Service:
    """A server on this machine; its port may be given as WSGI_BRIDGE_TEST_<NAME>_PORT."""

    name: str
    standard_port: int

    @property
    def port(self) -> int:
        """Return where it is looked for."""
        return int(os.environ.get(f"WSGI_BRIDGE_TEST_{self.name.upper()}_PORT", self.standard_port))

    def answers(self) -> bool:
        """Tell whether something listens on its port."""
        return _listens(self.port)


@cache
def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), CONNECT_TIMEOUT).close()
    except OSError:
        return False
    return True


SERVICES = {
    service.name: service
    for service in (
        Service("postgresql", 5432),
        Service("mariadb", 3306),
        Service("redis", 6379),
        Service("rabbitmq", 5672),
        Service("mosquitto", 1883),
        Service("nats", 4222),
    )
}


def in_ci() -> bool:
    """Tell whether this is a CI run, where nothing may be skipped that could have run."""
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def skip_without_service(item: pytest.Item) -> None:
    """Skip the test if a service that it is marked with does not answer."""
    for service in _services_of(item):
        if not service.answers():
            pytest.skip(f"{service.name} does not answer on 127.0.0.1:{service.port}")


def judge_skip(item: pytest.Item, report: pytest.TestReport) -> None:
    """Turn the report of a skip into a failure where CI's services would have let the test run."""
    services = _services_of(item)
    if report.skipped and services and in_ci() and all(service.answers() for service in services):
        where = ", ".join(f"{service.name} on port {service.port}" for service in services)
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"skipped in CI although it could have run ({where} answers): {reason}"


def _services_of(item: pytest.Item) -> list[Service]:
    return [SERVICES[name] for mark in item.iter_markers("service") for name in mark.args]
