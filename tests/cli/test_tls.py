from __future__ import annotations

from pathlib import Path

import pytest

from bridge.cli.errors import OptionConflict
from bridge.cli.settings import Tls
from bridge.cli.tls import BadTlsFile, check_tls
from tests.cli.certificates import PASSWORD, Certificates, write_certificates


@pytest.fixture
def files(tmp_path: Path) -> Certificates:
    return write_certificates(tmp_path)


def refused(tls: Tls) -> BadTlsFile:
    with pytest.raises(BadTlsFile) as caught:
        check_tls(tls)
    assert caught.value.summary == f"{caught.value.option} {caught.value.file}: {caught.value.problem}."
    return caught.value


def test_check_tls_has_nothing_to_say_without_tls() -> None:
    check_tls(Tls())


def test_check_tls_accepts_what_a_server_can_use(files: Certificates) -> None:
    check_tls(Tls(cert=files.cert, key=files.key))
    check_tls(Tls(cert=files.both))
    check_tls(Tls(cert=files.cert, key=files.encrypted_key, key_password=PASSWORD))
    check_tls(Tls(cert=files.both, ca=files.ca))


@pytest.mark.parametrize(
    ("tls", "option"),
    [
        (Tls(key="key.pem"), "--tls-key"),
        (Tls(key_password="x"), "--tls-key-password"),
        (Tls(ca="ca.pem"), "--tls-ca"),
    ],
    ids=["key", "password", "ca"],
)
def test_check_tls_asks_for_the_certificate_that_the_rest_is_for(tls: Tls, option: str) -> None:
    with pytest.raises(OptionConflict) as caught:
        check_tls(tls)
    assert caught.value.summary == f"{option} was given without a certificate."
    assert caught.value.advice[-1].startswith("  openssl req -x509 ")


@pytest.mark.parametrize("part", ["cert", "key", "ca"])
def test_check_tls_names_a_file_that_is_not_there(files: Certificates, part: str) -> None:
    given = {"cert": files.cert, "key": files.key, "ca": files.ca, part: "/no/such.pem"}
    error = refused(Tls(**given))
    assert (error.option, error.problem) == (f"--tls-{part}", "no such file or directory")


def test_check_tls_names_a_file_that_is_a_folder(files: Certificates, tmp_path: Path) -> None:
    assert refused(Tls(cert=str(tmp_path), key=files.key)).problem == "is a directory"


def test_check_tls_of_a_file_without_a_certificate(files: Certificates) -> None:
    assert refused(Tls(cert=files.key)).problem == "no certificate in PEM form is in it"


def test_check_tls_of_a_ca_without_a_certificate(files: Certificates) -> None:
    error = refused(Tls(cert=files.both, ca=files.key))
    assert (error.option, error.problem) == ("--tls-ca", "no certificate in PEM form is in it")


def test_check_tls_of_a_certificate_without_its_key_asks_for_the_file(files: Certificates) -> None:
    error = refused(Tls(cert=files.cert))
    assert (error.option, error.problem) == ("--tls-cert", "no private key in PEM form is in it")
    assert error.advice == ("Name the file that has it: --tls-key key.pem",)


def test_check_tls_of_a_key_file_without_a_key(files: Certificates) -> None:
    assert refused(Tls(cert=files.cert, key=files.cert)).option == "--tls-key"


def test_check_tls_of_a_key_that_belongs_to_another_certificate(files: Certificates) -> None:
    error = refused(Tls(cert=files.cert, key=files.other_key))
    assert (error.option, error.file) == ("--tls-key", files.other_key)
    assert error.problem == f"is not the key of the certificate in {files.cert}"


def test_check_tls_of_an_encrypted_key_without_its_password(files: Certificates) -> None:
    error = refused(Tls(cert=files.cert, key=files.encrypted_key))
    assert error.problem == "it is encrypted and needs a password"
    assert "WSGI_BRIDGE_SERVE_TLS_KEY_PASSWORD" in error.advice[0]


def test_check_tls_of_an_encrypted_key_with_another_password(files: Certificates) -> None:
    error = refused(Tls(cert=files.cert, key=files.encrypted_key, key_password="x"))
    assert error.problem == "the password does not open it"


@pytest.mark.parametrize("part", ["cert", "ca"])
def test_check_tls_of_a_damaged_certificate(files: Certificates, tmp_path: Path, part: str) -> None:
    damaged = tmp_path / "damaged.pem"
    damaged.write_text("-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n")
    given = {"cert": files.cert, "key": files.key, part: str(damaged)}
    error = refused(Tls(**given))
    assert error.option == f"--tls-{part}"
    assert error.problem.startswith("cannot be used (")
