"""Signed URLs of a bucket, verified as Google does: the canonical request, and its signature with the public key.

See https://cloud.google.com/storage/docs/authentication/canonical-requests.
"""

from datetime import timedelta
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from core import clock
from core.settings import Settings
from storage.blobs import factory
from storage.blobs.signed_urls import UrlSigner
from tests.support.storage.gcs_bucket import NAME
from tests.support.storage.gcs_signatures import QUARTER, is_accepted


def replace_parameter(url: str, name: str, value: str) -> str:
    parts = urlsplit(url)
    query = [(key, value if key == name else current) for key, current in parse_qsl(parts.query)]
    return urlunsplit(parts._replace(query="&".join(f"{key}={quote(current, safe='~')}" for key, current in query)))


@pytest.fixture
def google_settings(bucket_settings: Settings) -> Settings:
    """Settings with Google's own endpoint, which signing does not contact."""
    return bucket_settings.model_copy(update={"blobs": bucket_settings.blobs.model_copy(update={"endpoint": None})})


async def create_url(
    settings: Settings, url_signer: UrlSigner, lifetime: timedelta = QUARTER, *, is_attachment: bool = False
) -> str:
    store, key = factory.create(settings, url_signer), f"sha256/ab/{'ab' * 32}.mp3"
    expires_at = clock.now() + lifetime
    url = await store.url(key, "Nacht & Träume 1.mp3", expires_at, "org_1", is_attachment=is_attachment)
    await store.close()
    return url


@pytest.mark.parametrize(("is_attachment", "kind"), [(False, "inline"), (True, "attachment")])
async def test_a_url_names_the_object_and_is_signed_with_the_key_file(
    google_settings: Settings,
    url_signer: UrlSigner,
    public_key: rsa.RSAPublicKey,
    is_attachment: bool,  # noqa: FBT001  pytest passes parameters by name
    kind: str,
) -> None:
    url = await create_url(google_settings, url_signer, is_attachment=is_attachment)
    assert url.startswith(f"https://storage.googleapis.com/{NAME}/some/where/sha256/ab/{'ab' * 32}.mp3?")
    assert is_accepted(url, public_key)
    query = dict(parse_qsl(urlsplit(url).query))
    disposition = "filename=\"Nacht & Traume 1.mp3\"; filename*=UTF-8''Nacht%20%26%20Tr%C3%A4ume%201.mp3"
    assert query["response-content-disposition"] == f"{kind}; {disposition}"


async def test_a_url_expires_after_its_lifetime(
    google_settings: Settings, url_signer: UrlSigner, public_key: rsa.RSAPublicKey
) -> None:
    url = await create_url(google_settings, url_signer, timedelta(minutes=5))
    assert is_accepted(url, public_key, at=clock.now() + timedelta(minutes=4))
    assert not is_accepted(url, public_key, at=clock.now() + timedelta(minutes=5, seconds=1))


async def test_the_lifetime_is_limited_to_fifteen_minutes(
    google_settings: Settings, url_signer: UrlSigner, public_key: rsa.RSAPublicKey
) -> None:
    url = await create_url(google_settings, url_signer, timedelta(days=6))
    assert dict(parse_qsl(urlsplit(url).query))["X-Goog-Expires"] == "900"
    assert not is_accepted(url, public_key, at=clock.now() + timedelta(minutes=16))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Goog-Expires", "901"),
        ("X-Goog-Date", f"{clock.now() + timedelta(minutes=10):%Y%m%dT%H%M%SZ}"),
        ("response-content-disposition", "attachment; filename=other.exe"),
        ("X-Goog-Signature", "00" * 256),
    ],
    ids=["expiry", "date", "disposition", "signature"],  # a date in the name of a test would differ between processes
)
async def test_an_altered_url_is_rejected(
    google_settings: Settings, url_signer: UrlSigner, public_key: rsa.RSAPublicKey, name: str, value: str
) -> None:
    url = await create_url(google_settings, url_signer)
    assert not is_accepted(replace_parameter(url, name, value), public_key)


async def test_a_url_is_invalid_for_another_object_bucket_host_or_method(
    google_settings: Settings, url_signer: UrlSigner, public_key: rsa.RSAPublicKey
) -> None:
    url = await create_url(google_settings, url_signer)
    assert not is_accepted(url.replace("ab" * 32, "ab" * 31 + "ac"), public_key)
    assert not is_accepted(url.replace(f"/{NAME}/", "/other-files/"), public_key)
    assert not is_accepted(url.replace("storage.googleapis.com", "storage.example.com"), public_key)
    for method in ("PUT", "DELETE", "POST"):
        assert not is_accepted(url, public_key, method=method)


async def test_a_url_is_invalid_for_the_key_of_another_account(
    google_settings: Settings, url_signer: UrlSigner
) -> None:
    other_key = rsa.generate_private_key(public_exponent=65_537, key_size=2048).public_key()
    assert not is_accepted(await create_url(google_settings, url_signer), other_key)
