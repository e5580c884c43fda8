"""HTTP client for user-supplied URLs with protection against server-side request forgery (SSRF).

Each host is resolved once, and the connection goes to the checked addresses only. Redirects are followed as new calls
with the same checks. Time, size of the response and number of redirects are limited.
"""

import asyncio
import socket
import ssl
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpcore

from core.network import public_addresses, tls
from engines.remote.network import NOT_PUBLIC, NotPublicError, PublicNetworkBackend

MAX_REDIRECTS: Final = 3
MAX_RESPONSE_BYTES: Final = 65_536

_REDIRECTS_OF_POST: Final = (307, 308)


class UnreachableError(Exception):
    """The call failed. The message is shown to the user who supplied the URL."""


@dataclass(frozen=True, slots=True)
class Response:
    """The status of a response, and headers that callers act upon."""

    status: int
    location: str | None = None
    retry_after: str | None = None


@dataclass(frozen=True, slots=True)
class SafeHttpClient:
    """Posts to public hosts over TLS. ``allowed_hosts``, in normal form, may be private and without TLS."""

    allowed_hosts: Collection[str]
    timeout_seconds: float

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Return the response to a POST request. Raises UnreachableError."""
        try:
            async with asyncio.timeout(self.timeout_seconds):
                for _ in range(MAX_REDIRECTS + 1):
                    response = await self._post_once(url, headers, body)
                    if response.status not in _REDIRECTS_OF_POST or response.location is None:
                        return response
                    url = urljoin(url, response.location)
        except TimeoutError:
            raise UnreachableError(f"No response within {self.timeout_seconds:g} s") from None
        except NotPublicError:
            raise UnreachableError(NOT_PUBLIC) from None
        except (httpcore.ConnectError, OSError) as error:
            raise UnreachableError(f"No connection: {_reason(error)}") from error
        except (httpcore.ProtocolError, httpcore.NetworkError, httpcore.UnsupportedProtocol, ValueError) as error:
            raise UnreachableError("The response was not valid HTTP or was cut off") from error
        raise UnreachableError(f"More than {MAX_REDIRECTS} redirects")

    async def _post_once(self, url: str, headers: Mapping[str, str], body: bytes) -> Response:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        if parts.scheme != "https" and not public_addresses.is_allowed(self.allowed_hosts, parts.hostname or "", port):
            raise UnreachableError("The URL is without TLS, and the operator has not allowed its host and port")
        backend = PublicNetworkBackend(self.allowed_hosts)
        async with httpcore.AsyncConnectionPool(
            tls.default_context(), network_backend=backend, max_connections=1
        ) as pool:
            raw_headers = [(name.encode(), value.encode()) for name, value in headers.items()]
            async with pool.stream("POST", url, headers=raw_headers, content=body) as response:
                size = 0
                async for chunk in response.aiter_stream():
                    size += len(chunk)
                    if size > MAX_RESPONSE_BYTES:
                        break
        values = {name.lower(): value.decode("latin-1") for name, value in response.headers}
        return Response(response.status, values.get(b"location"), values.get(b"retry-after"))


def _reason(error: Exception) -> str:
    cause = error.__cause__ or error
    if isinstance(cause, socket.gaierror):
        return "the host name has no address"
    if isinstance(cause, ssl.SSLError):
        return "the certificate is not valid"
    return "connection refused or unreachable"
