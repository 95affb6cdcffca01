"""Fixtures of the conformance suite."""

from tests.conformance.fixtures import executor, http1, peer, running_servers, strict, token

__all__ = ["executor", "http1", "peer", "running_servers", "strict", "token"]
