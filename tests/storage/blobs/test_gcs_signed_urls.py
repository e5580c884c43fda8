"""Links to a bucket, verified as Google verifies them: the request rebuilt from the link, the signature by the key.

After https://cloud.google.com/storage/docs/authentication/canonical-requests.
"""

from datetime import timedelta
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from core import clock
from core.settings import Settings
from storage.blobs import factory
from storage.blobs.signed_urls import UrlSigner
from tests.support.gcs_bucket import NAME
from tests.support.gcs_signatures import QUARTER, is_accepted


def altered(url: str, name: str, value: str) -> str:
    parts = urlsplit(url)
    query = [(key, value if key == name else old) for key, old in parse_qsl(parts.query)]
    return urlunsplit(parts._replace(query="&".join(f"{key}={quote(old, safe='~')}" for key, old in query)))


@pytest.fixture
def at_google(in_bucket: Settings) -> Settings:
    """Signing needs nobody: these links are Google's own."""
    return in_bucket.model_copy(update={"blobs": in_bucket.blobs.model_copy(update={"endpoint": None})})


async def link(
    settings: Settings, links: UrlSigner, lifetime: timedelta = QUARTER, *, is_attachment: bool = False
) -> str:
    store, key = factory.create(settings, links), f"sha256/ab/{'ab' * 32}.mp3"
    over_at = clock.now() + lifetime
    url = await store.url(key, "Nacht & Träume 1.mp3", over_at, "org_1", is_attachment=is_attachment)
    await store.close()
    return url


@pytest.mark.parametrize(("is_attachment", "kind"), [(False, "inline"), (True, "attachment")])
async def test_a_link_leads_to_the_object_and_is_signed_by_the_key_file(
    at_google: Settings,
    links: UrlSigner,
    public_key: rsa.RSAPublicKey,
    is_attachment: bool,  # noqa: FBT001  pytest hands parameters in
    kind: str,
) -> None:
    url = await link(at_google, links, is_attachment=is_attachment)
    assert url.startswith(f"https://storage.googleapis.com/{NAME}/some/where/sha256/ab/{'ab' * 32}.mp3?")
    assert is_accepted(url, public_key)
    query = dict(parse_qsl(urlsplit(url).query))
    disposition = "filename=\"Nacht & Traume 1.mp3\"; filename*=UTF-8''Nacht%20%26%20Tr%C3%A4ume%201.mp3"
    assert query["response-content-disposition"] == f"{kind}; {disposition}"


async def test_a_link_is_over_when_it_was_to_be(
    at_google: Settings, links: UrlSigner, public_key: rsa.RSAPublicKey
) -> None:
    url = await link(at_google, links, timedelta(minutes=5))
    assert is_accepted(url, public_key, at=clock.now() + timedelta(minutes=4))
    assert not is_accepted(url, public_key, at=clock.now() + timedelta(minutes=5, seconds=1))


async def test_no_link_lives_longer_than_a_quarter_of_an_hour(
    at_google: Settings, links: UrlSigner, public_key: rsa.RSAPublicKey
) -> None:
    url = await link(at_google, links, timedelta(days=6))
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
    ids=["expiry", "date", "disposition", "signature"],  # a date in a test's name would differ between processes
)
async def test_an_altered_link_is_refused(
    at_google: Settings, links: UrlSigner, public_key: rsa.RSAPublicKey, name: str, value: str
) -> None:
    url = await link(at_google, links)
    assert not is_accepted(altered(url, name, value), public_key)


async def test_a_link_opens_no_other_object_bucket_host_or_method(
    at_google: Settings, links: UrlSigner, public_key: rsa.RSAPublicKey
) -> None:
    url = await link(at_google, links)
    assert not is_accepted(url.replace("ab" * 32, "ab" * 31 + "ac"), public_key)
    assert not is_accepted(url.replace(f"/{NAME}/", "/other-files/"), public_key)
    assert not is_accepted(url.replace("storage.googleapis.com", "storage.example.com"), public_key)
    for method in ("PUT", "DELETE", "POST"):
        assert not is_accepted(url, public_key, method=method)


async def test_another_accounts_key_verifies_nothing(at_google: Settings, links: UrlSigner) -> None:
    stranger = rsa.generate_private_key(public_exponent=65_537, key_size=2048).public_key()
    assert not is_accepted(await link(at_google, links), stranger)
