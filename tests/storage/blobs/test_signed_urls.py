"""Signed URLs of this server: valid until they expire, and only unchanged."""

import hmac
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core import clock
from storage.blobs.signed_urls import SignedUrl, UrlSigner

KEY = f"sha256/ab/{'ab' * 32}.mp3"
BASE_URL = "https://music.example.org"
SIGNING_KEY = b"a signing key"


@pytest.fixture
def signer() -> UrlSigner:
    return UrlSigner(BASE_URL, SIGNING_KEY)


def create_url(
    signer: UrlSigner, lifetime: timedelta = timedelta(minutes=1), filename: str = "Night Desk.mp3"
) -> SignedUrl:
    url = signer.parse(signer.url(KEY, filename, clock.now() + lifetime, "org_1"))
    assert url is not None
    return url


def test_a_url_is_valid_until_it_expires(signer: UrlSigner) -> None:
    assert signer.is_valid(create_url(signer))
    assert not signer.is_valid(create_url(signer, timedelta(0)))
    assert not signer.is_valid(create_url(signer, -timedelta(days=1)))


def test_a_url_of_another_server_is_not_parsed(signer: UrlSigner) -> None:
    url = signer.url(KEY, "a", clock.now(), "org_1")
    assert signer.parse(url.replace("example.org", "example.com")) is None


@pytest.mark.parametrize(
    "change",
    [
        {"key": f"sha256/ab/{'ab' * 31}ac.mp3"},
        {"key": f"sha256/ab/{'ab' * 32}.mid"},
        {"scope_id": "org_2"},
        {"scope_id": ""},
        {"filename": "other.mp3"},
        {"expires": "99999999999"},
        {"expires": "0999999999"},
        {"expires": ""},
        {"expires": "never"},
        {"expires": "٣٣٣٣٣٣٣٣٣٣"},
        {"expires": "9" * 5000},
        {"signature": ""},
        {"signature": "0" * 64},
        {"signature": "ä" * 64},
        {"is_attachment": True},
    ],
)
def test_a_changed_url_is_invalid(signer: UrlSigner, change: dict[str, Any]) -> None:
    assert not signer.is_valid(replace(create_url(signer), **change))


def test_a_signature_covers_the_method(signer: UrlSigner) -> None:
    url = create_url(signer)

    def sign(method: str) -> SignedUrl:
        parts = (method, url.key, url.filename, url.scope_id, url.expires)
        message = "".join(f"{len(part)}:{part}" for part in parts).encode()
        return replace(url, signature=hmac.new(SIGNING_KEY, message, "sha256").hexdigest())

    assert signer.is_valid(sign("GET"))
    for method in ("PUT", "DELETE", "POST", "HEAD", ""):
        assert not signer.is_valid(sign(method))


def test_text_that_moves_between_fields_invalidates_a_url(signer: UrlSigner) -> None:
    url = create_url(signer, filename="a")
    assert not signer.is_valid(replace(url, filename="", scope_id=f"a{url.scope_id}"))
    assert not signer.is_valid(replace(url, filename=f"a{url.scope_id}", scope_id=""))


def test_another_signing_key_gives_another_signature(signer: UrlSigner) -> None:
    assert not UrlSigner(BASE_URL, b"another key").is_valid(create_url(signer))


@pytest.mark.parametrize("filename", ["", "ünï çødé.mp3", 'a"b;c\r\nd.mp3', "&org=x&expires=1", "\udcff.mp3"])
def test_any_file_name_is_signed(signer: UrlSigner, filename: str) -> None:
    text = filename.encode(errors="replace").decode()
    assert signer.is_valid(create_url(signer, filename=text))
