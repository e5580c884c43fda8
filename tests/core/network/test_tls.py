"""The shared TLS context and changes of the certificates while a process runs."""

from pathlib import Path

import pytest

from core.network import tls
from tests.support import certificates


def create(folder: Path, name: str) -> bytes:
    (folder / name).mkdir()
    return certificates.create_certificate(folder / name).read_bytes()


def test_a_context_is_shared_until_the_certificates_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = create(tmp_path, "first"), create(tmp_path, "second")
    trusted, empty = tmp_path / "trusted.pem", tmp_path / "empty"
    empty.mkdir()
    of_system = tls.default_context()
    assert tls.default_context() is of_system

    trusted.write_bytes(first)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    monkeypatch.setenv("SSL_CERT_DIR", str(empty))
    before = tls.default_context()
    assert len(before.get_ca_certs()) == 1
    assert tls.default_context() is before

    # as update-ca-certificates does
    (tmp_path / "new.pem").write_bytes(first + second)
    (tmp_path / "new.pem").replace(trusted)
    assert len(tls.default_context().get_ca_certs()) == 2
    trusted.unlink()
    assert tls.default_context().get_ca_certs() == []
