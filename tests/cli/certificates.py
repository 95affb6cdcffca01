"""Makes certificates and keys for tests of TLS: a self-signed server, a CA and a client that it signed."""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

__all__ = ["PASSWORD", "Certificates", "write_certificates"]

PASSWORD = "geheim"


@dataclass(frozen=True, slots=True)
class Certificates:
    """Paths of PEM files."""

    cert: str
    key: str
    both: str
    encrypted_key: str
    other_key: str
    ca: str
    client: str  # certificate and key


def write_certificates(folder: Path) -> Certificates:
    """Write the files into `folder`."""
    paths = {}
    for name, text in _texts().items():
        path = folder / f"{name}.pem"
        path.write_bytes(text)
        paths[name] = str(path)
    return Certificates(**paths)


@cache  # once per test process: making them takes some time
def _texts() -> dict[str, bytes]:
    key, ca_key, client_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    cert = _signed("localhost", key, issuer="localhost", issuer_key=key, is_ca=False)
    ca = _signed("test ca", ca_key, issuer="test ca", issuer_key=ca_key, is_ca=True)
    client = _signed("client", client_key, issuer="test ca", issuer_key=ca_key, is_ca=False)
    encrypted = serialization.BestAvailableEncryption(PASSWORD.encode())
    return {
        "cert": cert,
        "key": _pem(key),
        "both": cert + _pem(key),
        "encrypted_key": _pem(key, encrypted),
        "other_key": _pem(client_key),
        "ca": ca,
        "client": client + _pem(client_key),
    }


def _pem(
    key: ec.EllipticCurvePrivateKey,
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption(),  # noqa: B008 - stateless
) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _usage(*, is_ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _signed(
    subject: str,
    key: ec.EllipticCurvePrivateKey,
    *,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    is_ca: bool,
) -> bytes:
    now = dt.datetime.now(dt.timezone.utc)
    addresses = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(addresses), critical=False)
        # RFC 5280, as Python verifies strictly from 3.13 on: a key signs, and says whose it is.
        .add_extension(_usage(is_ca=is_ca), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
        .sign(issuer_key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)
