"""Links of our own: good for exactly what they were made for."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from core import clock
from storage.blobs.signed_urls import SignedUrl, UrlSigner

KEY = f"sha256/ab/{'ab' * 32}.mp3"


def link_of(
    links: UrlSigner, lifetime: timedelta = timedelta(minutes=1), filename: str = "Night Desk.mp3"
) -> SignedUrl:
    parts = urlsplit(links.url(KEY, filename, clock.now() + lifetime, "org_1"))
    query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    key = unquote(parts.path.removeprefix("/media/"))
    return SignedUrl(key, query["name"], query["org"], query["expires"], query["signature"])


def test_a_link_is_good_until_it_is_over(links: UrlSigner) -> None:
    assert links.is_valid(link_of(links))
    assert not links.is_valid(link_of(links, timedelta(0)))
    assert not links.is_valid(link_of(links, -timedelta(days=1)))


@pytest.mark.parametrize(
    "change",
    [
        {"key": f"sha256/ab/{'ab' * 31}ac.mp3"},
        {"key": f"sha256/ab/{'ab' * 32}.mid"},
        {"organization_id": "org_2"},
        {"organization_id": ""},
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
def test_a_changed_link_is_refused(links: UrlSigner, change: dict[str, Any]) -> None:
    assert not links.is_valid(replace(link_of(links), **change))


def test_a_signature_is_for_reading_and_no_other_method(links: UrlSigner) -> None:
    link = link_of(links)
    for method in ("PUT", "DELETE", "POST", "HEAD", ""):
        forged = links._sign(method, link.key, link.filename, link.organization_id, link.expires)
        assert not links.is_valid(replace(link, signature=forged))


def test_what_moves_from_one_claim_to_the_next_is_another_link(links: UrlSigner) -> None:
    link = link_of(links, filename="a")
    assert not links.is_valid(replace(link, filename="", organization_id=f"a{link.organization_id}"))
    assert not links.is_valid(replace(link, filename=f"a{link.organization_id}", organization_id=""))


def test_another_key_makes_another_signature(links: UrlSigner) -> None:
    assert not UrlSigner("https://music.example.org", b"another key").is_valid(link_of(links))


@pytest.mark.parametrize("filename", ["", "ünï çødé.mp3", 'a"b;c\r\nd.mp3', "&org=x&expires=1", "\udcff.mp3"])
def test_any_file_name_survives(links: UrlSigner, filename: str) -> None:
    text = filename.encode(errors="replace").decode()
    assert links.is_valid(link_of(links, filename=text))
