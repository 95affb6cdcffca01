"""Files of traffic: what is read from them, and what is left out and why."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from bridge.incremental.traffic.reading import read_traffic
from bridge.incremental.traffic.recording import read_recording, to_line
from bridge.incremental.traffic.requests import RecordedRequest, TrafficUnreadable


def har(*requests: dict[str, Any]) -> str:
    return json.dumps({"log": {"version": "1.2", "entries": [{"request": request} for request in requests]}})


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "traffic"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_an_archive_is_one_client_of_its_own_site(tmp_path: Path) -> None:
    text = har(
        {"method": "get", "url": "https://shop.test/a%20b?q=1#top", "headers": [{"name": ":path", "value": "/"}, {"name": "Accept", "value": "*/*"}, {"name": "Host", "value": "shop.test"}]},
        {"method": "POST", "url": "https://shop.test/login", "headers": [], "postData": {"mimeType": "x", "params": [{"name": "user", "value": "a&b"}]}},
        {"method": "POST", "url": "https://shop.test/raw", "headers": [], "postData": {"text": base64.b64encode(b"\x00\xff").decode(), "encoding": "base64"}},
        {"method": "GET", "url": "https://tracker.test/x", "headers": []},
    )  # fmt: skip
    traffic = read_traffic(write(tmp_path, text))
    assert [(each.method, each.target, each.body) for each in traffic.requests] == [
        ("GET", "/a%20b?q=1", b""),
        ("POST", "/login", b"user=a%26b"),
        ("POST", "/raw", b"\x00\xff"),
    ]
    assert traffic.requests[0].headers == (("accept", "*/*"),)
    assert {each.session for each in traffic.requests} == {"browser"}
    assert traffic.left_out == {"to another host": 1}


LOG = r"""
10.0.0.7 - ann [22/Nov/2026:10:00:00 +0000] "GET /x?y=1 HTTP/1.1" 200 512 "https://s.test/" "Agent \"1\" \x41"
10.0.0.7 - - [22/Nov/2026:10:00:01 +0000] "POST /x HTTP/1.1" 200 512 "-" "-"
10.0.0.8 - a b [22/Nov/2026:10:00:02 +0000] "HEAD / HTTP/2.0" 304 -
10.0.0.9 - - [22/Nov/2026:10:00:02 +0000] "\x16\x03\x01" 400 0 "-" "-"
nonsense
"""


def test_a_log_has_methods_and_targets_and_tells_clients_apart(tmp_path: Path) -> None:
    traffic = read_traffic(write(tmp_path, LOG))
    first, second = traffic.requests
    assert (first.method, first.target, first.status) == ("GET", "/x?y=1", 200)
    assert first.headers == (("referer", "https://s.test/"), ("user-agent", 'Agent "1" A'))
    assert (second.method, second.target, second.headers) == ("HEAD", "/", ())
    assert first.session != second.session
    assert sum(traffic.left_out.values()) == 3


HEADERS = st.lists(st.tuples(st.sampled_from(["accept", "x-a"]), st.text(max_size=8)), max_size=3).map(tuple)


@given(
    st.builds(
        RecordedRequest,
        method=st.sampled_from(["GET", "POST"]),
        target=st.text(max_size=10).map("/{}".format),
        headers=HEADERS,
        body=st.binary(max_size=40),
        session=st.text(max_size=4),
        status=st.none() | st.integers(100, 599),
    )
)
def test_a_recorded_request_is_read_as_it_was(request: RecordedRequest) -> None:
    line = to_line(request, at=1.5, removed=[], truncated=False)
    assert "\n" not in line
    assert read_recording([line], "x").requests == [request]


def test_a_recording_whose_last_line_was_cut_off_is_read(tmp_path: Path) -> None:
    line = to_line(RecordedRequest(method="GET", target="/"), at=1, removed=[], truncated=False)
    large = to_line(RecordedRequest(method="PUT", target="/"), at=1, removed=[], truncated=True)
    traffic = read_traffic(write(tmp_path, f"{line}\n{large}\n{line[:20]}"))
    assert len(traffic.requests) == 1
    assert sum(traffic.left_out.values()) == 2


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"GET /x", "neither an HTTP Archive"),
        (b"\xff\xfe\x00", "neither an HTTP Archive"),
        (b'{"log": {}}', "no HTTP Archive"),
        (b'{"log": {"entries": [{}]}}', "no HTTP Archive"),
        (b'{"a": 1}', "line 1 is no recorded request"),
        (b'{"a": 1}\n{"b": 2}\n', "line 1 is no recorded request"),
    ],
)
def test_what_is_no_traffic_is_told(tmp_path: Path, text: bytes, problem: str) -> None:
    with pytest.raises(TrafficUnreadable, match=problem):
        read_traffic(write(tmp_path, text))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(TrafficUnreadable, match="No such file"):
        read_traffic(tmp_path / "none")
