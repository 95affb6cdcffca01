"""What is known of one application's answer to one request."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

__all__ = ["Answer", "Media"]

UNPACKED_LIMIT = 16 * 1024 * 1024  # bytes: a small body can unpack to any size


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A content type: `text/html`, and its charset, "" where none is given. Both in lower case."""

    type: str
    charset: str

    @property
    def is_json(self) -> bool:
        """Return whether it is JSON, by name or by suffix (RFC 6839)."""
        return self.type == "application/json" or self.type.endswith("+json")

    @property
    def is_html(self) -> bool:
        """Return whether it is HTML."""
        return self.type in {"text/html", "application/xhtml+xml"}

    @property
    def is_text(self) -> bool:
        """Return whether it consists of lines that people read."""
        return self.type.startswith("text/") or self.type.endswith(("+xml", "/xml", "/javascript", "/x-yaml"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer, in so far as it was seen.

    `status` None: there was none. `body` None: it is not known (sent as a file by the server, or too large);
    `digest` may be known all the same. `error`: why there is no whole answer, in a word or two.
    `seconds`: until it began.
    """

    status: int | None = None
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes | None = b""
    digest: str = ""
    size: int = 0
    error: str = ""
    seconds: float = 0.0

    @property
    def media(self) -> Media:
        """Return the type of its body."""
        text = next((value for name, value in self.headers if name == b"content-type"), b"").decode("latin-1")
        kind, *parameters = (part.strip() for part in text.lower().split(";"))
        charset = next((part[8:].strip("\"' ") for part in parameters if part.startswith("charset=")), "")
        return Media(type=kind, charset=charset)

    @property
    def coding(self) -> bytes:
        """Return the content coding, in lower case; empty for none."""
        found = next((value for name, value in self.headers if name == b"content-encoding"), b"")
        return found.strip().lower().replace(b"identity", b"")

    def unpacked(self) -> bytes | None:
        """Return the body without its content coding; None where it is not known or cannot be undone."""
        if self.body is None or not self.coding:
            return self.body
        # 47: gzip or zlib, whichever it is; "deflate" without its envelope, which some servers send, is -15.
        windows = {b"gzip": (47,), b"x-gzip": (47,), b"deflate": (47, -15)}.get(self.coding, ())
        for window in windows:
            unpacker = zlib.decompressobj(window)
            try:
                unpacked = unpacker.decompress(self.body, UNPACKED_LIMIT)
            except zlib.error:
                continue
            return None if unpacker.unconsumed_tail else unpacked
        return None
