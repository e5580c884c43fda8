"""Connections to the public Internet and to hosts that the operator allowed, against server-side request forgery."""

import asyncio
import socket
from collections.abc import Collection, Iterable
from contextlib import suppress
from typing import Final

import httpcore

from core.network import public_addresses

NOT_PUBLIC: Final = "The host is not on the public Internet, and the operator has not allowed it"


class NotPublicError(Exception):
    """A host has addresses that are not public, and is not among the allowed ones."""


class PublicNetworkBackend(httpcore.AsyncNetworkBackend):
    """Resolves each name once and connects to the checked addresses only.

    ``allowed_hosts`` are hosts with ports, in the form of ``public_addresses.is_allowed``, that may be private.
    """

    def __init__(self, allowed_hosts: Collection[str]) -> None:
        self._allowed_hosts = allowed_hosts
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first checked address that accepts. Raises NotPublicError."""
        try:
            entries = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError from error
        addresses = [str(entry[4][0]) for entry in entries]
        is_allowed = public_addresses.is_allowed(self._allowed_hosts, host, port)
        if not is_allowed and not all(map(public_addresses.is_public, addresses)):
            raise NotPublicError(NOT_PUBLIC)
        for address in addresses[:-1]:
            with suppress(httpcore.ConnectError):
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
        return await self._network.connect_tcp(addresses[-1], port, timeout, local_address, socket_options)
