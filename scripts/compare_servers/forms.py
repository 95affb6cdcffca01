"""A form filled in as a person might, and put into a request."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from scripts.compare_servers.exchange import HOST, Request
from scripts.compare_servers.pages import Field, Form

__all__ = ["PICTURE", "fill", "request_for"]

BOUNDARY = "compare-servers-boundary-7f3a"  # the same for every server, so that all get the same bytes
_VALUES = {
    "color": "#336699",
    "date": "2024-05-17",
    "datetime-local": "2024-05-17T10:20",
    "email": "compare@example.com",
    "month": "2024-05",
    "number": "7",
    "password": "Compare-Servers-7!",
    "range": "7",
    "search": "a",
    "tel": "+4930123456",
    "text": "compare \u00e9\u4e16",
    "textarea": "first line\r\n\u00e9\u4e16 <b>second</b>\r\n",
    "time": "10:20",
    "url": "http://localhost/compare",
}

Pairs = list[tuple[str, str]]
Files = list[tuple[str, str, str, bytes]]  # field, file name, content type, content


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _picture(side: int) -> bytes:
    """A PNG with some colours, large enough not to fit in one packet."""
    rows = b"".join(b"\0" + bytes((x * y) % 251 for x in range(3 * side)) for y in range(side))
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(rows, 0))
        + _chunk(b"IEND", b"")
    )


PICTURE = _picture(200)  # 120 KiB: over the bridge's window for bodies, and over waitress's buffer in memory


def fill(form: Form, values: Mapping[str, str], *, invent: bool) -> tuple[Pairs, Files]:
    """Return what a browser would send: `values` by field name first, then what the page holds.

    `invent`: fields that are empty get a value that fits their kind, file fields a picture.
    """
    pairs: Pairs = []
    files: Files = []
    submitted = False
    for control in form.fields:
        if control.kind == "file":
            files.append(_file(control, invent=invent))
        elif control.name in values:
            pairs.append((control.name, values[control.name]))
        elif control.kind == "submit":
            if not submitted:  # one button is clicked, the first
                pairs.append((control.name, control.value))
            submitted = True
        elif control.kind not in {"checkbox", "radio"} or control.checked:
            pairs.append((control.name, _value(control, invent=invent)))
    return pairs, files


def request_for(form: Form, pairs: Pairs, files: Files, *, page: str) -> Request:
    """Return the request that submits the form from `page`, with the headers a browser would add."""
    if form.method == "get":
        return Request("GET", f"{form.action.partition('?')[0]}?{urlencode(pairs)}")
    if form.encoding == "multipart/form-data":
        kind, body = f"multipart/form-data; boundary={BOUNDARY}", _multipart(pairs, files)
    else:
        named = [(field, name) for field, name, _, _ in files]  # without multipart only the name is sent
        kind, body = "application/x-www-form-urlencoded", urlencode([*pairs, *named]).encode()
    origin = f"http://{HOST}"
    headers = (("Content-Type", kind), ("Origin", origin), ("Referer", origin + page))
    return Request("POST", form.action, headers, body)


def _value(control: Field, *, invent: bool) -> str:
    return control.value or (_VALUES.get(control.kind, "") if invent else "")


def _file(control: Field, *, invent: bool) -> tuple[str, str, str, bytes]:
    if invent:
        return control.name, "compare.png", "image/png", PICTURE
    return control.name, "", "application/octet-stream", b""


def _multipart(pairs: Pairs, files: Files) -> bytes:
    parts = [(f'name="{name}"', value.encode()) for name, value in pairs]
    parts += [
        (f'name="{name}"; filename="{file_name}"\r\nContent-Type: {kind}', content)
        for name, file_name, kind, content in files
    ]
    return b"".join(_parts(parts)) + f"--{BOUNDARY}--\r\n".encode()


def _parts(parts: Iterable[tuple[str, bytes]]) -> Iterable[bytes]:
    for head, content in parts:
        yield f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode()
        yield content
        yield b"\r\n"
