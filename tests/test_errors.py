from __future__ import annotations

import pytest

from bridge.errors import BodyBlockTypeError, StartResponseMissing, StartResponseTwice


@pytest.mark.parametrize(
    "error", [StartResponseMissing(), StartResponseTwice("200 OK")], ids=["missing", "twice"]
)
def test_start_response_misuse_is_a_runtime_error_as_in_other_bridges(error: Exception) -> None:
    assert isinstance(error, RuntimeError)


@pytest.mark.parametrize(
    ("block", "hint"),
    [
        pytest.param("text", "encode it", id="str"),
        pytest.param(b"returned"[0], "return [body] instead", id="bytes-returned-without-a-list"),
        pytest.param(None, "expected bytes", id="none"),
    ],
)
def test_body_block_type_error_names_the_likely_cause(block: object, hint: str) -> None:
    message = str(BodyBlockTypeError(block))
    assert hint in message
    assert message.count(";") == (block is not None)
