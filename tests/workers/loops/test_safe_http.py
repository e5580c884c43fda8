"""Addresses that the HTTP client accepts and rejects."""

import pytest

from workers.loops.safe_http import SafeHttpClient, UnreachableError, is_public


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_public_addresses_are_accepted(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104  refused, not bound
        "224.0.0.1",
        "255.255.255.255",
        "198.18.0.1",
        "::",
        "::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "not an address",
    ],
)
def test_private_addresses_are_rejected(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0", "0x7f000001", "2130706433", "127.1"])
async def test_no_spelling_of_localhost_is_called(host: str) -> None:
    with pytest.raises(UnreachableError):
        await SafeHttpClient((), 5).post(f"https://{host}:9", {}, b"")


async def test_plain_http_needs_an_allowed_host() -> None:
    with pytest.raises(UnreachableError, match="TLS"):
        await SafeHttpClient((), 5).post("http://example.org", {}, b"")
