"""What a server keeps the bridge from: peer -> test -> reason.

A test is named `test_x`, or `test_x[case]` for one of its cases. It is expected to fail there (a strict
xfail): once the server improves, the suite fails until the entry is gone. `migration_guide/servers.md`
has its table from here.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["LIMITS"]


def _cases(test: str, cases: Sequence[str], reason: str) -> dict[str, str]:
    return {f"{test}[{case}]": reason for case in cases}


QUERY = "test_QUERY_STRING_has_the_raw_bytes_as_latin_1"
RAW = ("raw-latin-1", "raw-utf-8")

H11 = _cases(
    QUERY, RAW, "h11 refuses bytes above 0x7F in the request line with 400; clients must escape them"
)
HTTPTOOLS = {
    **_cases(
        QUERY,
        RAW,
        "httptools refuses bytes above 0x7F in the request line with 400; clients must escape them",
    ),
    "test_a_client_of_HTTP_1_0_gets_no_chunks": "uvicorn with httptools sends chunks to clients of HTTP/1.0; with "
    "h11, or started by `wsgi-bridge serve`, it does not. A response with Content-Length is not affected",
}
EARLY_100 = "hypercorn sends 100 at once, whether the application reads or not"
HYPERCORN = {
    **H11,
    "test_no_100_continue_comes_while_the_app_has_not_read": EARLY_100,
    "test_no_100_continue_comes_if_the_app_answers_without_reading": EARLY_100,
}
GRANIAN = _cases(QUERY, RAW[:1], "hyper refuses a request line that is not UTF-8")

BREAKS = (
    "daphne does not break the connection off when an application fails after its headers: it tries to send a "
    "second start, fails itself, and leaves the client waiting (`wsgi-bridge serve --server daphne` closes it)"
)
BUFFERS = "daphne reads the whole request body before it calls the application"
NO_100 = f"{BUFFERS}, and never sends 100: clients go on by themselves after a while"
NO_LIFESPAN = (
    "daphne has no lifespan: no hooks run, there is no state, and at SIGTERM requests are cancelled "
    "(`wsgi-bridge serve --server daphne` adds all three)"
)
DAPHNE = {
    **_cases(
        QUERY, RAW, "Twisted refuses bytes above 0x7F in the request line with 400; clients must escape them"
    ),
    "test_the_lifespan_state_reaches_environ": NO_LIFESPAN,
    "test_exc_info_after_headers_went_out_is_raised_again_into_the_app": BREAKS,
    "test_close_runs_once_in_the_thread_and_context_of_the_app[closing_after_late_failure]": BREAKS,
    "test_a_body_that_is_too_short_does_not_look_complete_and_is_logged": BREAKS,
    "test_a_str_block_after_headers_breaks_the_connection": BREAKS,
    "test_an_error_after_headers_breaks_the_connection_off": BREAKS,
    "test_a_body_that_comes_slowly_is_read_as_it_comes": BUFFERS,
    "test_a_client_that_goes_mid_body_is_an_OSError[length]": f"{BUFFERS}, which is then never called",
    "test_an_upload_waits_for_an_app_that_does_not_read": BUFFERS,
    "test_100_continue_comes_when_the_app_reads": NO_100,
    "test_no_100_continue_comes_while_the_app_has_not_read": NO_100,
    "test_no_100_continue_comes_if_the_app_answers_without_reading": NO_100,
    "test_a_download_waits_for_a_client_that_does_not_read": "daphne's `send` does not wait for the client, so a "
    "response that is faster than its client piles up in the server's memory",
    "test_the_lifespan_begins_and_ends_with_the_server_and_requests_drain": NO_LIFESPAN,
    "test_a_startup_that_fails_ends_the_server_and_its_message_is_printed": NO_LIFESPAN,
}

LIMITS: dict[str, dict[str, str]] = {
    "uvicorn-h11-asyncio": H11,
    "uvicorn-h11-uvloop": H11,
    "uvicorn-httptools-asyncio": HTTPTOOLS,
    "uvicorn-httptools-uvloop": HTTPTOOLS,
    "hypercorn": HYPERCORN,
    "granian": GRANIAN,
    "granian-http2": GRANIAN,
    "daphne": DAPHNE,
    "gunicorn": _cases(
        QUERY,
        RAW,
        "gunicorn's parser refuses bytes above 0x7F in the request line with 400; clients must escape",
    ),
}
