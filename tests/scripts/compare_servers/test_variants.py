from __future__ import annotations

from scripts.compare_servers.exchange import Answer
from scripts.compare_servers.variants import variants


def asked(*headers: tuple[str, str], status: int = 200) -> list[str]:
    return [str(request) for request in variants("/x", Answer(status, headers))]


def test_any_page_is_asked_for_its_head_options_and_compressed() -> None:
    assert asked(status=404) == ["HEAD /x", "OPTIONS /x", "GET /x [Accept-Encoding: gzip, deflate, br]"]


def test_an_etag_is_used_as_a_condition_and_for_ranges() -> None:
    requests = asked(("ETag", '"1"'))
    assert 'GET /x [If-None-Match: "1"]' in requests
    assert 'GET /x [Range: bytes=0-9 If-Range: "1"]' in requests
    assert "GET /x [Range: bytes=99999999-]" in requests


def test_a_modification_time_is_used_as_a_condition() -> None:
    time = "Sun, 06 Nov 1994 08:49:37 GMT"
    assert f"GET /x [If-Modified-Since: {time}]" in asked(("Last-Modified", time))


def test_no_range_is_asked_of_an_error() -> None:
    assert not any("Range" in request for request in asked(("ETag", '"1"'), status=404))
