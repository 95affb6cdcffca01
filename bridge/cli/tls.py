"""Looks at TLS files before a server does: a wrong one is a sentence here and a traceback there."""

from __future__ import annotations

import ssl
from pathlib import Path

from bridge.cli.errors import CommandError, OptionConflict
from bridge.cli.settings import Tls

__all__ = ["BadTlsFile", "check_tls"]

SELF_SIGNED = (
    "For a trial, make a self-signed pair:",
    "  openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=localhost -keyout key.pem -out cert.pem",
)


class BadTlsFile(CommandError):
    """A certificate, key or CA file cannot be used."""

    def __init__(self, option: str, file: str, problem: str, *advice: str) -> None:
        super().__init__(f"{option} {file}: {problem}.", advice=advice)
        self.option = option
        self.file = file
        self.problem = problem


def check_tls(tls: Tls) -> None:
    """Load the files of `tls` as a server will. Raises `BadTlsFile` or `OptionConflict`."""
    if tls.cert is None:
        _refuse_without_certificate(tls)
        return
    for option, file in (("--tls-cert", tls.cert), ("--tls-key", tls.key), ("--tls-ca", tls.ca)):
        if file is not None:
            _check_readable(option, file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _load_pair(context, tls)
    _load_ca(context, tls)


def _refuse_without_certificate(tls: Tls) -> None:
    given = [("--tls-key", tls.key), ("--tls-key-password", tls.key_password), ("--tls-ca", tls.ca)]
    for option, value in given:
        if value is not None:
            raise OptionConflict(
                f"{option} was given without a certificate.", "Add it: --tls-cert cert.pem", *SELF_SIGNED
            )


def _check_readable(option: str, file: str) -> None:
    try:
        Path(file).read_bytes()
    except OSError as error:
        raise BadTlsFile(option, file, (error.strerror or str(error)).lower(), *SELF_SIGNED) from None


def _load_pair(context: ssl.SSLContext, tls: Tls) -> None:
    cert = str(tls.cert)
    if not _has_block(cert, "CERTIFICATE"):
        raise BadTlsFile("--tls-cert", cert, "no certificate in PEM form is in it", *SELF_SIGNED)
    if not _has_block(str(tls.key_file), "PRIVATE KEY"):
        advice = "Name the file that has it: --tls-key key.pem"
        raise BadTlsFile(
            "--tls-key" if tls.key else "--tls-cert",
            str(tls.key_file),
            "no private key in PEM form is in it",
            advice,
        )
    try:
        context.load_cert_chain(cert, tls.key, lambda: tls.key_password or "")
    except (ssl.SSLError, ValueError) as error:
        raise _pair_error(tls, error) from None


def _pair_error(tls: Tls, error: Exception) -> BadTlsFile:
    reason = getattr(error, "reason", None) or str(error)
    encrypted = "ENCRYPTED" in Path(str(tls.key_file)).read_text(encoding="latin-1")
    if reason == "KEY_VALUES_MISMATCH":
        problem = f"is not the key of the certificate in {tls.cert}"
        return BadTlsFile("--tls-key", str(tls.key_file), problem, "Give the pair that was issued together.")
    if encrypted:
        problem = (
            "the password does not open it" if tls.key_password else "it is encrypted and needs a password"
        )
        advice = "Give it as --tls-key-password, or WSGI_BRIDGE_SERVE_TLS_KEY_PASSWORD in the environment."
        return BadTlsFile("--tls-key", str(tls.key_file), problem, advice)
    return BadTlsFile("--tls-cert", str(tls.cert), f"cannot be used ({reason})", *SELF_SIGNED)


def _load_ca(context: ssl.SSLContext, tls: Tls) -> None:
    if tls.ca is None:
        return
    if not _has_block(tls.ca, "CERTIFICATE"):
        raise BadTlsFile("--tls-ca", tls.ca, "no certificate in PEM form is in it")
    try:
        context.load_verify_locations(tls.ca)
    except ssl.SSLError as error:
        raise BadTlsFile("--tls-ca", tls.ca, f"cannot be used ({error.reason})") from None


def _has_block(file: str, kind: str) -> bool:
    # "RSA PRIVATE KEY" and "ENCRYPTED PRIVATE KEY" are private keys too (RFC 7468, section 2).
    return any(
        line.startswith("-----BEGIN ") and line.rstrip().endswith(f"{kind}-----")
        for line in Path(file).read_text(encoding="latin-1").splitlines()
    )
