"""Create a development certificate chain for C2PA: a self-signed root and a signer."""

from datetime import timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from core import clock

_LIFETIME: Final = timedelta(days=365)
_CLOCK_SKEW: Final = timedelta(days=1)


def create(folder: Path, organization: str) -> tuple[Path, Path]:
    """Write chain.pem, and key.pem with mode 0600. Raises FileExistsError. The root's private key is discarded."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    chain, private = folder / "chain.pem", folder / "key.pem"
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name, name = _name(organization, "Development root"), _name(organization, "Development signer")
    root = _builder(root_name, root_name, root_key, root_key, is_root=True).sign(root_key, hashes.SHA256())
    signer = _builder(name, root_name, key, root_key, is_root=False).sign(root_key, hashes.SHA256())
    private.touch(mode=0o600, exist_ok=False)
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    chain.write_bytes(b"".join(cert.public_bytes(serialization.Encoding.PEM) for cert in (signer, root)))
    return chain, private


def _name(organization: str, common_name: str) -> x509.Name:
    attributes = {NameOID.ORGANIZATION_NAME: organization, NameOID.COMMON_NAME: common_name}
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in attributes.items()])


def _builder(
    name: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    root_key: ec.EllipticCurvePrivateKey,
    *,
    is_root: bool,
) -> x509.CertificateBuilder:
    """Follow the certificate profile of the C2PA specification: signers have the extended key usage emailProtection."""
    public, now = key.public_key(), clock.now()
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + _LIFETIME)
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .add_extension(_key_usage(is_root=is_root), critical=True)
    )
    email = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
    return builder if is_root else builder.add_extension(email, critical=False)


def _key_usage(*, is_root: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_root,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_root,
        crl_sign=is_root,
        encipher_only=False,
        decipher_only=False,
    )
