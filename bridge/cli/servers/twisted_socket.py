"""A Twisted endpoint for a socket that listens already, of any family, with or without TLS."""

from __future__ import annotations

import socket
from typing import Any

from OpenSSL import SSL
from twisted.internet.endpoints import AdoptedStreamServerEndpoint
from twisted.protocols.tls import TLSMemoryBIOFactory

from bridge.cli.settings import Tls

__all__ = ["SocketEndpoint"]


class SocketEndpoint:
    """Listens on `sock`, which it takes over; a stream server endpoint, as Twisted calls it."""

    def __init__(self, reactor: Any, sock: socket.socket, tls: Tls) -> None:
        self.reactor = reactor
        self.sock = sock
        self.tls = tls
        self.port: Any = None  # what listens

    def listen(self, factory: Any) -> Any:
        """Return a Deferred of the listening port."""
        adopt: Any = AdoptedStreamServerEndpoint  # Twisted is typed in parts
        family, fileno = self.sock.family, self.sock.detach()
        if self.tls.cert is not None:
            context_factory: Any = _ContextFactory(self.tls)
            factory = TLSMemoryBIOFactory(context_factory, False, factory)
        return adopt(self.reactor, fileno, family).listen(factory).addCallback(self._keep)

    def _keep(self, port: Any) -> Any:
        self.port = port
        return port

    def stop_listening(self) -> None:
        """Accept no more connections; those that are open stay so."""
        if self.port is not None:
            self.port.stopListening()


class _ContextFactory:
    """Twisted's simplest interface for TLS: an object that has a context."""

    def __init__(self, tls: Tls) -> None:
        self.context = _tls_context(tls)

    def getContext(self) -> SSL.Context:  # noqa: N802 - Twisted's name
        """Return the context; one for all connections."""
        return self.context


def _tls_context(tls: Tls) -> SSL.Context:
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)  # RFC 8996: nothing older
    password = (tls.key_password or "").encode()
    context.set_passwd_cb(lambda *_: password)
    context.use_certificate_chain_file(str(tls.cert))
    context.use_privatekey_file(str(tls.key_file))
    if tls.ca is not None:
        context.load_verify_locations(tls.ca)
        # What OpenSSL found of the client's certificate stands; nothing is forgiven.
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *args: bool(args[-1]))
    return context
