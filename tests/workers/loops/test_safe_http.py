"""Hosts that the HTTP client calls and refuses."""

import pytest

from tests.support.processes import http_receiver
from workers.loops.safe_http import SafeHttpClient, UnreachableError


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0", "0x7f000001", "2130706433", "127.1"])
async def test_no_spelling_of_localhost_is_called(host: str) -> None:
    with pytest.raises(UnreachableError):
        await SafeHttpClient((), 5).post(f"https://{host}:9", {}, b"")


async def test_plain_http_needs_an_allowed_host() -> None:
    with pytest.raises(UnreachableError, match="TLS"):
        await SafeHttpClient((), 5).post("http://example.org", {}, b"")


@pytest.mark.parametrize("host", ["169.254.169.254", "168.63.129.16", "192.0.0.192", "[::ffff:1.1.1.1]"])
async def test_special_addresses_are_not_called(host: str) -> None:
    with pytest.raises(UnreachableError, match="not on the public Internet"):
        await SafeHttpClient((), 5).post(f"https://{host}", {}, b"")


async def test_an_allowed_host_is_called_on_its_port_only() -> None:
    with http_receiver.running() as receiver, http_receiver.running() as other:
        client = SafeHttpClient((f"127.0.0.1:{receiver.server_port}",), 5)
        assert (await client.post(receiver.url, {}, b"")).status == 200
        with pytest.raises(UnreachableError, match="port"):
            await client.post(other.url, {}, b"")
        assert other.received == []
