"""Hosts and base URLs."""

import pytest
from pydantic import ValidationError

from core.network import links
from core.settings import ServerSettings, Settings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://music.example.org", "https://music.example.org"),
        ("https://music.example.org/", "https://music.example.org"),
        ("HTTPS://Music.Example.ORG:443//", "https://music.example.org"),
        ("http://music.example.org.:80", "http://music.example.org"),
        ("https://music.example.org:8443/studio/", "https://music.example.org:8443/studio"),
        ("https://example.org/Apps/studio", "https://example.org/Apps/studio"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://müsik.example/", "https://xn--msik-0ra.example"),
        (" http://studio.lan:8080 ", "http://studio.lan:8080"),
    ],
)
def test_a_base_url_is_normalized(text: str, expected: str) -> None:
    assert ServerSettings(public_url=text).public_url == expected
    assert Settings(server=ServerSettings(public_url=text)).public_url == expected


@pytest.mark.parametrize(
    "text",
    [
        *("music.example.org", "ftp://music.example.org", "https://", "https:///studio", "https://a b.example"),
        *("https://user:pass@example.org", "https://example.org?x=1", "https://example.org/#docs", "https://[::1"),
        *(
            "https://example.org:0",
            "https://example.org:99999",
            "https://example.org/a/../b",
            "https://example.org/<b>",
        ),
    ],
)
def test_what_is_no_base_url_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match=r"is not a URL such as https://music\.example\.org"):
        ServerSettings(public_url=text)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080"),
        ("0.0.0.0", "http://127.0.0.1:8080"),  # noqa: S104  compared
        ("::1", "http://[::1]:8080"),
        ("[::1]", "http://[::1]:8080"),
        ("::", "http://[::1]:8080"),
        ("studio.lan", "http://studio.lan:8080"),
    ],
)
def test_without_a_public_url_links_lead_to_the_listening_address(host: str, expected: str) -> None:
    assert Settings(server=ServerSettings(host=host)).public_url == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Studio.LAN:8080", ("studio.lan", 8080)),
        ("studio.lan.", ("studio.lan", None)),
        ("[2001:DB8::1]:443", ("2001:db8::1", 443)),
        ("2001:db8::1", None),
        ("studio.lan:", None),
        ("studio.lan/x", None),
        ('"><script>.example.org', None),
        ("a@b", None),
        ("a\tb", None),
        ("ä.example", None),
        ("", None),
    ],
)
def test_a_host_is_split(text: str, expected: tuple[str, int | None] | None) -> None:
    assert links.parse_host(text) == expected
