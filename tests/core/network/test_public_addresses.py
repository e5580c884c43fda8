"""Addresses that are public, and hosts that an operator allows."""

import pytest
from pydantic import ValidationError

from core.network.public_addresses import is_allowed, is_public
from core.settings import WebhookSettings


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "168.63.129.17", "192.0.1.1", "192.88.98.1", "2606:4700:4700::1111"]
)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104  refused, not bound
        "10.1.2.3",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.1",
        "192.0.0.9",
        "192.0.0.192",
        "192.0.2.1",
        "192.31.196.1",
        "192.52.193.1",
        "192.88.99.1",
        "192.168.1.1",
        "192.175.48.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",  # IPv4-compatible
        "::1.1.1.1",
        "::ffff:127.0.0.1",  # IPv4-mapped
        "::ffff:1.1.1.1",
        "::ffff:0:1.1.1.1",  # IPv4-translated
        "64:ff9b::7f00:1",
        "64:ff9b::101:101",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",  # Teredo
        "2001:2::1",  # benchmarks
        "2001:20::1",  # ORCHID
        "2001:db8::1",
        "2002:7f00:1::",  # 6to4
        "2002:101:101::",
        "2620:4f:8000::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fd20:ce::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "not an address",
    ],
)
def test_special_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    ("entry", "host", "ports"),
    [
        ("hooks.lan", "HOOKS.lan.", {80, 443}),
        ("Hooks.LAN:8080", "hooks.lan", {8080}),
        ("hooks.lan:*", "hooks.lan", {80, 443, 6379, 8080}),
        ("[::1]:8080", "::1", {8080}),
        ("0:0:0:0:0:0:0:1", "::1", {80, 443}),
    ],
)
def test_a_host_is_allowed_on_its_ports(entry: str, host: str, ports: set[int]) -> None:
    allowed = WebhookSettings(allowed_hosts=(entry,)).allowed_hosts
    assert {port for port in (80, 443, 6379, 8080) if is_allowed(allowed, host, port)} == ports
    assert not is_allowed(allowed, f"x{host}", 8080)


@pytest.mark.parametrize(
    "entry", ["http://hooks.lan", "hooks.lan:", "hooks.lan:0", "hooks.lan:65536", "a b", "[::1", "*"]
)
def test_an_invalid_allowed_host_is_refused(entry: str) -> None:
    with pytest.raises(ValidationError, match="is not a host with an optional port"):
        WebhookSettings(allowed_hosts=(entry,))
