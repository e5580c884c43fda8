"""HTTP client of remote engines: calls with deadlines and size limits, and downloads from public hosts.

Redirects of calls are errors, those of downloads are followed to public hosts. Credentials go to the peer only.
"""

import asyncio
import functools
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

import httpcore

from core.network import public_addresses, tls
from core.settings.remote_engines import RemoteEngineSettings
from engines.remote.form_data import FormData
from engines.remote.network import NotPublicError, PublicNetworkBackend
from engines.remote.peer_text import MAX_LENGTH, clean
from engines.remote.port import RemoteError, RemoteFault

MAX_RESPONSE_BYTES: Final = 1_048_576
MAX_REDIRECTS: Final = 3

_REDIRECTS: Final = (301, 302, 303, 307, 308)
_SUCCESS: Final = range(200, 300)
Body = Mapping[str, object] | FormData
"""A request body: JSON, or a form with a file."""

_SENDING: Final = "http11.send_request_headers.started"


@dataclass(frozen=True, slots=True)
class Peer:
    """Where an engine runs. ``headers`` go with each call and ``secrets`` occur in them; neither is ever shown.

    ``name`` is shown to users. ``allowed_hosts``, in the form of ``public_addresses.is_allowed``, may be private;
    the host of ``base_url`` always may.
    """

    name: str
    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    allowed_hosts: tuple[str, ...] = ()


def create_bearer_client(name: str, settings: RemoteEngineSettings) -> "PeerClient":
    """Return a client of a server of the operator, whose calls carry the key of the settings as a bearer token.

    ``name`` is that of the kind, unless the settings have one.
    """
    key = settings.key.get_secret_value() if settings.key else ""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return PeerClient(Peer(settings.name or name, settings.url, headers, (key,)), settings)


@dataclass(frozen=True, slots=True)
class PeerResponse:
    """The response of a peer. Names of ``headers`` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def is_success(self) -> bool:
        return self.status in _SUCCESS

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def json(self) -> object:
        """Return the body as JSON, None if it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class PeerClient:
    """Calls one peer with the deadlines and sizes of its settings. All methods raise RemoteError."""

    def __init__(self, peer: Peer, settings: RemoteEngineSettings) -> None:
        self.peer = peer
        self._settings = settings
        self._origin = _origin(urlsplit(peer.base_url))
        host, port = self._origin[1:]
        own = public_addresses.parse_allowed_host(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
        self._allowed = (own, *peer.allowed_hosts)
        self._hosts = (f"{host}:{port}", host)

    @functools.cached_property
    def _pool(self) -> httpcore.AsyncConnectionPool:
        # a kept connection can close just as a submission is sent, and nothing shows whether it arrived
        return httpcore.AsyncConnectionPool(
            tls.default_context(),
            max_keepalive_connections=0,
            network_backend=PublicNetworkBackend(self._allowed),
        )

    async def call(
        self,
        method: str,
        path: str,
        body: Body | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        is_submission: bool = False,
    ) -> PeerResponse:
        """Return the response, whatever its status.

        With ``is_submission``, a call that breaks off after it was sent is UNCERTAIN, else UNAVAILABLE. A body with a
        file may take as long as a download.
        """
        settings = self._settings
        seconds = settings.download_seconds if isinstance(body, FormData) else settings.response_seconds
        async with (
            self._deadline(seconds, is_submission),
            self._open(method, self.url(path), headers, body, is_submission=is_submission) as response,
        ):
            return PeerResponse(response.status, _headers(response), await self._read(response))

    async def receive(
        self, method: str, path: str, body: Mapping[str, object], file: Path, seconds: float
    ) -> PeerResponse:
        """Submit a request whose answer is the result, and write the body of a success to ``file``.

        ``seconds`` is the deadline of the whole. Errors after the request was sent are UNCERTAIN.
        """
        async with (
            self._deadline(seconds, is_submission=True),
            self._open(method, self.url(path), None, body, is_submission=True) as response,
        ):
            answer = PeerResponse(response.status, _headers(response))
            if answer.is_success:
                await self._write(response, file)
                return answer
            return PeerResponse(response.status, answer.headers, await self._read(response))

    async def download(self, url: str, file: Path) -> str:
        """Write what a URL or path returns to a file, and return its media type.

        The URL may be on any public host over TLS, or on an allowed host.
        """
        url = self.url(url)
        async with self._deadline(self._settings.download_seconds, is_submission=False):
            for _ in range(MAX_REDIRECTS + 1):
                async with self._open("GET", url, None, None) as response:
                    answer = PeerResponse(response.status, _headers(response))
                    if answer.is_success:
                        await self._write(response, file)
                        return answer.media_type
                    if answer.status not in _REDIRECTS or "location" not in answer.headers:
                        fault = RemoteFault.LOST if answer.status in {404, 410} else RemoteFault.UNAVAILABLE
                        raise RemoteError(fault, f"{self.peer.name} answered {answer.status} to the download.")
                    url = urljoin(url, answer.headers["location"])
        raise RemoteError(RemoteFault.UNAVAILABLE, f"{self.peer.name} redirects a download too often.")

    def url(self, path: str) -> str:
        """Return the URL of a path below the peer's base URL; a URL is returned as it is."""
        return path if "://" in path else f"{self.peer.base_url.rstrip('/')}/{path.lstrip('/')}"

    def clean(self, text: str, max_length: int = MAX_LENGTH) -> str:
        """Return a text of the peer for users."""
        return clean(text, self.peer.secrets, self._hosts, max_length)

    async def aclose(self) -> None:
        if "_pool" in self.__dict__:
            await self._pool.aclose()

    @asynccontextmanager
    async def _open(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        body: Body | None,
        *,
        is_submission: bool = False,
    ) -> AsyncIterator[httpcore.Response]:
        is_sent = False

        async def trace(event: str, _info: object) -> None:
            nonlocal is_sent
            is_sent = is_sent or event == _SENDING

        self._check(url)
        wait = self._settings.connect_seconds
        try:
            async with self._pool.stream(
                method,
                url,
                headers=self._all_headers(url, headers, body),
                content=_content(body),
                extensions={"timeout": {"connect": wait, "pool": wait}, "trace": trace},
            ) as response:
                yield response
        except NotPublicError:
            message = f"{self.peer.name} refers to an address that is not on the public Internet."
            raise RemoteError(RemoteFault.UNAVAILABLE, message) from None
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OSError, ValueError) as error:
            if is_submission and is_sent:
                message = f"The connection to {self.peer.name} broke off after the request was sent."
                raise RemoteError(RemoteFault.UNCERTAIN, message) from error
            state = "broke off" if is_sent else "cannot be made"
            raise RemoteError(RemoteFault.UNAVAILABLE, f"The connection to {self.peer.name} {state}.") from error

    @asynccontextmanager
    async def _deadline(self, seconds: float, is_submission: bool) -> AsyncIterator[None]:  # noqa: FBT001  private
        try:
            async with asyncio.timeout(seconds):
                yield
        except TimeoutError:
            fault = RemoteFault.UNCERTAIN if is_submission else RemoteFault.UNAVAILABLE
            raise RemoteError(fault, f"{self.peer.name} did not answer within {seconds:g} s.") from None

    def _check(self, url: str) -> None:
        """Raise RemoteError for a URL without TLS on a host that is not allowed."""
        try:
            scheme, host, port = _origin(urlsplit(url))
        except ValueError:
            scheme, host, port = "", "", 0
        if scheme != "https" and not (scheme == "http" and public_addresses.is_allowed(self._allowed, host, port)):
            message = f"{self.peer.name} refers to an address without TLS, and the operator has not allowed its host."
            raise RemoteError(RemoteFault.UNAVAILABLE, message)

    def _all_headers(self, url: str, headers: Mapping[str, str] | None, body: Body | None) -> list[tuple[bytes, bytes]]:
        own = self.peer.headers if _origin(urlsplit(url)) == self._origin else {}
        kind = _body_headers(body)
        merged = {"User-Agent": "music-studio", **kind, **own, **(headers or {})}
        return [(name.encode(), value.encode()) for name, value in merged.items()]

    async def _read(self, response: httpcore.Response) -> bytes:
        parts = bytearray()
        async for chunk in response.aiter_stream():
            parts += chunk
            if len(parts) > MAX_RESPONSE_BYTES:
                raise RemoteError(RemoteFault.UNAVAILABLE, f"{self.peer.name} sent an answer that is too large.")
        return bytes(parts)

    async def _write(self, response: httpcore.Response, file: Path) -> None:
        size = 0
        with file.open("wb") as target:
            async for chunk in response.aiter_stream():
                size += len(chunk)
                if size > self._settings.max_file_bytes:
                    limit = f"{self._settings.max_file_bytes:,} bytes"
                    raise RemoteError(RemoteFault.FAILED, f"{self.peer.name} sent a file of more than {limit}.")
                target.write(chunk)
        if size == 0:
            raise RemoteError(RemoteFault.FAILED, f"{self.peer.name} sent an empty file.")


def _content(body: Body | None) -> bytes | AsyncIterator[bytes] | None:
    if isinstance(body, FormData):
        return body.stream()
    return None if body is None else json.dumps(body).encode()


def _body_headers(body: Body | None) -> dict[str, str]:
    if isinstance(body, FormData):
        return {"Content-Type": body.content_type, "Content-Length": str(body.length)}
    return {} if body is None else {"Content-Type": "application/json"}


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    return parts.scheme, (parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80)


def _headers(response: httpcore.Response) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
