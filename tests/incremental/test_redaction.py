"""Nothing secret is kept, and what is not secret stays readable."""

from __future__ import annotations

import json
import time

import pytest

from bridge.incremental.redaction import REDACTED, Redaction
from bridge.incremental.store import FieldValues

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"
redaction = Redaction(["Kontonummer"])


def test_headers_keep_what_is_no_secret() -> None:
    given = [
        (b"host", b"x"),
        (b"cookie", b"s=1"),
        (b"authorization", b"Basic x"),
        (b"x-session-id", b"7"),
        (b"x-note", f"see {TOKEN}".encode()),
    ]
    assert redaction.headers(given) == (
        ("host", "x"), ("cookie", REDACTED), ("authorization", REDACTED), ("x-session-id", REDACTED), ("x-note", f"see {REDACTED}"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        (b"", "/p"),
        (b"a=1&b=%20", "/p?a=1&b=%20"),
        (b"a=1&api_key=5&PASSWORD=x", "/p?a=1&api_key=%5Bredacted%5D&PASSWORD=%5Bredacted%5D"),
        (f"t={TOKEN}".encode(), "/p?t=%5Bredacted%5D"),
        (b"back=%2Freset%3Ftoken%3Dx", "/p?back=%2Freset%3Ftoken%3D%5Bredacted%5D"),
        (b"kontonummer=5", "/p?kontonummer=%5Bredacted%5D"),
    ],
)
def test_a_target_keeps_its_harmless_parameters(query: bytes, shown: str) -> None:
    assert redaction.target("/p", query) == shown


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/reset/4f3a", f"/reset/{REDACTED}"),
        ("/accounts/reset/4f3a/done", f"/accounts/reset/{REDACTED}/done"),
        ("/invite/7/4f3a/", f"/invite/{REDACTED}/{REDACTED}/"),
        ("/reset", "/reset"),
        ("/reset/", "/reset/"),
        ("/presets/4f3a", "/presets/4f3a"),
        ("/invite/7", "/invite/7"),
    ],
)
def test_a_pattern_of_paths_names_the_segments_that_are_secret(path: str, shown: str) -> None:
    redaction = Redaction(["/reset/<token>", "/invite/{id}/{key}"])
    assert redaction.target(path, b"") == shown
    assert redaction.headers([(b"referer", f"http://x{path}?a=1".encode())]) == (
        ("referer", f"http://x{shown}?a=1"),
    )
    assert redaction.text(f'<a href="{path}">') == f'<a href="{shown}">'


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("$.name", '"Ann"', '"Ann"'),
        ("$.user.password_hash", '"x"', REDACTED),
        ("cookie.s", "1", REDACTED),
        ("form/input[@name=csrf_token]/@value", "x", REDACTED),
        ("$.user", '{"password": "x"}', REDACTED),
        ("line 3", f"Authorization: Bearer {TOKEN}", REDACTED),
        ("line 4", f"got {TOKEN}", f"got {REDACTED}"),
    ],
)
def test_a_differing_field_is_kept_without_its_secrets(field: str, value: str, shown: str) -> None:
    assert redaction.field(FieldValues(field, value, None)) == FieldValues(field, shown, None)


def test_bodies_lose_their_secret_fields_only() -> None:
    document = {"user": "ann", "password": "x", "list": [{"token": 1, "n": 2}], "kontonummer": {"a": 1}}
    redacted = json.loads(
        redaction.body("application/vnd.x+json; charset=utf-8", json.dumps(document).encode())
    )
    assert redacted == {
        "user": "ann",
        "password": REDACTED,
        "list": [{"token": REDACTED, "n": 2}],
        "kontonummer": REDACTED,
    }
    assert (
        redaction.body("application/x-www-form-urlencoded", b"user=ann&pwd=x&n=")
        == b"user=ann&pwd=%5Bredacted%5D&n="
    )
    for kind, body in (
        ("application/json", b'{"a":  1}'),
        ("application/json", b"{"),
        ("text/plain", b"nothing of the kind"),
        ("image/png", b"\x89PNG password=x"),
    ):
        assert redaction.body(kind, body) == body


def multipart(name: str, value: str) -> str:
    return f'--XX\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'


def test_a_multipart_form_loses_its_secret_parts() -> None:
    body = (
        multipart("user", "ann") + multipart("new_password", "x-y-z") + multipart("pin", "77") + "--XX--\r\n"
    )
    shown = (
        multipart("user", "ann")
        + multipart("new_password", REDACTED)
        + multipart("pin", REDACTED)
        + "--XX--\r\n"
    )
    assert redaction.body('multipart/form-data; boundary="XX"', body.encode()) == shown.encode()
    assert redaction.body("multipart/form-data", body.encode()) == REDACTED.encode()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", '{"password": "x-y-z"'),
        ("text/plain", "password is x-y-z"),
        ("", '{"password": "x-y-z"}'),
        ("application/xml", "<password>x-y-z</password>"),
        ("application/graphql", 'mutation { login(password: "x-y-z") }'),
        ("application/json", '[{"name": "password", "value": "x-y-z"}, {"key": "csrf", "value": ["x-y-z"]}]'),
        ("application/json", '{"back": "/login?token=x-y-z&page=2"}'),
        ("application/x-www-form-urlencoded", "back=/login?token=x-y-z"),
        ("application/x-www-form-urlencoded", "sid=x-y-z"),
    ],
)
def test_a_body_that_speaks_of_a_secret_in_any_form_does_not_keep_it(kind: str, body: str) -> None:
    assert b"x-y-z" not in redaction.body(kind, body.encode())


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        ("https://a.test/reset?token=x-y-z&page=2", f"https://a.test/reset?token={REDACTED}&page=2"),
        ("https://ann:x-y-z@a.test/", f"https://{REDACTED}@a.test/"),
        ("Basic YW5uOngteS16", REDACTED),
    ],
)
def test_a_secret_within_a_header_is_taken_out(header: str, shown: str) -> None:
    assert redaction.headers([(b"referer", header.encode())]) == (("referer", shown),)


@pytest.mark.parametrize(
    "piece", ["a", "token", "token.", "eyJ", "eyJaaaaaaaa.", "://a:", "bearer ", "a[", "%20="]
)
def test_what_a_client_writes_is_searched_in_linear_time(piece: str) -> None:
    """A header of 60 KB took minutes, with the interpreter's lock held: no request was answered meanwhile."""
    text = piece * (400_000 // len(piece))
    began = time.process_time()
    redaction.headers([(b"x-any", text.encode())])
    assert time.process_time() - began < 5.0


def test_every_token_of_a_text_is_taken_out() -> None:
    assert (
        redaction.text(f"x{TOKEN}.{TOKEN} eyJ.eyJ.eyJ {TOKEN}")
        == f"x{REDACTED}.{REDACTED} eyJ.eyJ.eyJ {REDACTED}"
    )


def test_half_a_character_beside_a_secret_stays_an_escape() -> None:
    body = redaction.body("application/json", rb'{"a": "\ud800", "password": "x"}')
    assert json.loads(body) == {"a": "\ud800", "password": REDACTED}
