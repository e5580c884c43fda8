"""URLs of webhooks: their syntax, and hosts that are on the public Internet or allowed by the operator.

The worker checks the addresses again at each call, because by then a name can resolve to another address.
"""

import asyncio
import re
import socket
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from urllib.parse import urlsplit

from pydantic import ValidationInfo
from pydantic_core import PydanticCustomError

from core.errors import InvalidInput, Problem
from core.network import public_addresses
from resolvers.access import validation

MAX_URL_LENGTH: Final = 2048

_RESOLVE_SECONDS: Final = 2.0
"""A name that takes longer to resolve is accepted, and checked at each call only."""

_THREADS: Final = ThreadPoolExecutor(4, "webhook-hosts")
"""Threads of their own: a slow name server must not occupy the threads that all requests share."""

_INVALID_CHARACTER: Final = re.compile(r"[^A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]")
"""Controls, spaces, backslashes and other characters that RFC 3986 does not allow in a URL."""

_PRIVATE_DOMAINS: Final = ("localhost", "local", "internal", "home.arpa")
"""Domains of private networks: RFC 6761, RFC 6762, RFC 8375, and ICANN's reservation of .internal."""


def check_url(text: str, info: ValidationInfo) -> str:
    """Require an absolute http(s) URL. ``info.context`` has the hosts that may be private and without TLS."""
    return _check(text, info.context or ())


async def find_problems(url: str, allowed_hosts: Collection[str], path: tuple[str, ...]) -> list[Problem]:
    """Return what is wrong with a URL, syntax and address; ``path`` leads to its field."""
    try:
        _check(url, allowed_hosts)
    except PydanticCustomError as error:
        return [Problem(path, error.message())]
    is_public = await _is_public(url, allowed_hosts)
    return [] if is_public else [Problem(path, _refusal(*_split(url)[1:]))]


def _check(text: str, allowed_hosts: Collection[str]) -> str:
    invalid = _INVALID_CHARACTER.search(text)
    if invalid is not None:
        raise validation.rule_error(f"Must not contain {invalid[0]!r}. Remove the character or percent-encode it.")
    scheme, host, port = _split(text)
    if scheme not in {"https", "http"} or not host or port == 0:
        raise validation.rule_error(
            "Must be an address such as https://hooks.example.org/music, without user or fragment."
        )
    if public_addresses.is_allowed(allowed_hosts, host, port):
        return text
    if scheme == "http":
        raise validation.rule_error("Must begin with https://.")
    is_private_name = f".{host.lower().removesuffix('.')}".endswith(tuple(f".{domain}" for domain in _PRIVATE_DOMAINS))
    if is_private_name or (public_addresses.is_address(host) and not public_addresses.is_public(host)):
        raise validation.rule_error(_refusal(host, port))
    return text


async def require_public(url: str, allowed_hosts: Collection[str]) -> None:
    """Refuse the URL of a host that resolves to an address that is not public. Raises InvalidInput."""
    if not await _is_public(url, allowed_hosts):
        raise InvalidInput([Problem(("url",), _refusal(*_split(url)[1:]))])


async def _is_public(url: str, allowed_hosts: Collection[str]) -> bool:
    """Return whether the host is allowed or resolves to public addresses only, or cannot be resolved in time."""
    _, host, port = _split(url)
    if public_addresses.is_allowed(allowed_hosts, host, port):
        return True
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(_RESOLVE_SECONDS):
            entries = await loop.run_in_executor(_THREADS, socket.getaddrinfo, host, port, 0, socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError):
        return True
    return all(public_addresses.is_public(str(entry[4][0])) for entry in entries)


def _split(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port; no host for an invalid URL."""
    try:
        parts = urlsplit(url)
        port = parts.port if parts.port is not None else {"http": 80}.get(parts.scheme, 443)
    except ValueError:
        return "", "", 0
    has_extras = parts.username is not None or "#" in url
    return parts.scheme, "" if has_extras else parts.hostname or "", port


def _refusal(host: str, port: int) -> str:
    return (
        f"The host {host} on port {port} is not on the public Internet. Use a public host, or have the operator allow "
        "it with MUSIC_STUDIO_WEBHOOKS__ALLOWED_HOSTS."
    )
