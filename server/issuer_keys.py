"""Public keys of a token issuer, fetched from its JWKS endpoint (RFC 7517) without delaying other requests."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx
import jwt
import orjson

from core.errors import Unavailable
from core.network import tls

log = logging.getLogger(__name__)

MAX_AGE_SECONDS: Final = 300.0
"""Age at which known keys are fetched again in the background."""

ROTATION_SECONDS: Final = 10.0
"""Shortest interval between two fetches because of an unknown key, which anyone can name in a token."""

FETCH_SECONDS: Final = 5.0
WAIT_SECONDS: Final = 3.0
"""How long requests wait for a fetch that others share."""

MAX_PAUSE_SECONDS: Final = 60.0
MAX_BYTES: Final = 1 << 20

_RSA: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
_CURVES: Final = {
    "P-256": ("ES256",),
    "P-384": ("ES384",),
    "P-521": ("ES512",),
    "secp256k1": ("ES256K",),
    "Ed25519": ("EdDSA",),
    "Ed448": ("EdDSA",),
}
ALGORITHMS: Final = frozenset(_RSA).union(*_CURVES.values())
"""Signature algorithms of public keys (RFC 7518, section 3.1, and RFC 8037)."""


class JwksError(Exception):
    """The endpoint's response is not a key set with a usable key."""


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """A public key and the algorithms that it verifies."""

    key_id: str | None
    key: Any
    algorithms: Sequence[str]


class IssuerKeys:
    """The keys of one issuer. All requests share one fetch; after failures, fetches pause for a growing time."""

    def __init__(
        self, url: str, *, max_age_seconds: float = MAX_AGE_SECONDS, rotation_seconds: float = ROTATION_SECONDS
    ) -> None:
        self._url = url
        self._max_age_seconds = max_age_seconds
        self._rotation_seconds = rotation_seconds
        self._client: httpx.AsyncClient | None = None
        self._keys: Sequence[IssuerKey] = ()
        self._fetched_at = float("-inf")
        self._paused_until = float("-inf")
        self._pause_seconds = 0.0
        self._fetch: asyncio.Task[None] | None = None

    async def find(self, key_id: str | None, algorithm: str) -> Sequence[IssuerKey]:
        """Return the keys that may have signed a token; without ``key_id`` all keys for the algorithm.

        Raises Unavailable if the keys are unknown and cannot be fetched in time.
        """
        now = time.monotonic()
        if found := self._select(key_id, algorithm):
            if now > self._fetched_at + self._max_age_seconds and now > self._paused_until:
                self._start_fetch()
            return found
        if now < self._fetched_at + self._rotation_seconds:
            return ()
        await self._wait_for_fetch(now)
        return self._select(key_id, algorithm)

    async def aclose(self) -> None:
        """Cancel a running fetch and close the connections."""
        if self._fetch:
            self._fetch.cancel()
            await asyncio.gather(self._fetch, return_exceptions=True)
        if self._client:
            await self._client.aclose()

    def _select(self, key_id: str | None, algorithm: str) -> Sequence[IssuerKey]:
        return [key for key in self._keys if algorithm in key.algorithms and key_id in {None, key.key_id}]

    async def _wait_for_fetch(self, now: float) -> None:
        if now < self._paused_until:
            raise _unavailable(self._paused_until - now)
        fetch = self._start_fetch()
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                # shielded: a caller that gives up must not cancel the fetch of the others
                await asyncio.shield(fetch)
        except TimeoutError:
            raise _unavailable(FETCH_SECONDS) from None
        if self._paused_until > now:
            raise _unavailable(self._pause_seconds)

    def _start_fetch(self) -> asyncio.Task[None]:
        if self._fetch is None or self._fetch.done():
            self._fetch = asyncio.create_task(self._refresh())
        return self._fetch

    async def _refresh(self) -> None:
        """Replace the keys, or keep them and pause."""
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                self._keys = parse(await self._download())
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, JwksError, OSError) as error:
            self._pause_seconds = min(max(1.0, 2 * self._pause_seconds), MAX_PAUSE_SECONDS)
            self._paused_until = time.monotonic() + self._pause_seconds
            log.warning(
                "keys of the token issuer cannot be fetched",
                extra={"url": self._url, "error": f"{type(error).__name__}: {error}", "known_keys": len(self._keys)},
            )
        else:
            self._fetched_at = time.monotonic()
            self._pause_seconds = 0.0

    async def _download(self) -> bytes:
        if self._client is None:
            # loading the system's certificates takes some 40 ms
            verify = await asyncio.to_thread(tls.default_context)
            self._client = httpx.AsyncClient(verify=verify, timeout=FETCH_SECONDS, follow_redirects=True)
        async with self._client.stream("GET", self._url, headers={"Accept": "application/json"}) as response:
            if response.status_code != httpx.codes.OK:
                raise JwksError(f"status {response.status_code}")
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_BYTES:
                    raise JwksError(f"more than {MAX_BYTES} bytes")
            return bytes(body)


def parse(document: bytes) -> Sequence[IssuerKey]:
    """Return the usable signature keys of a JWKS document. Raises JwksError if there is none."""
    try:
        entries = orjson.loads(document)["keys"]
    except (ValueError, TypeError, KeyError):
        raise JwksError("not a JSON object with the member 'keys'") from None
    if not isinstance(entries, list):
        raise JwksError("'keys' is not an array")
    keys = [key for entry in entries if isinstance(entry, dict) and (key := _parse_key(entry))]
    if not keys:
        raise JwksError("no usable signature key")
    return keys


def _parse_key(entry: Mapping[str, Any]) -> IssuerKey | None:
    """Return None for keys of other uses, symmetric keys and keys that the library cannot read."""
    algorithms: Sequence[str] = _RSA if entry.get("kty") == "RSA" else _CURVES.get(str(entry.get("crv")), ())
    if "alg" in entry:
        algorithms = tuple(algorithm for algorithm in algorithms if algorithm == entry["alg"])
    if not algorithms or entry.get("use", "sig") != "sig":
        return None
    try:
        key = jwt.PyJWK(dict(entry), algorithms[0]).key
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    key_id = entry.get("kid")
    return IssuerKey(key_id if isinstance(key_id, str) else None, key, algorithms)


def _unavailable(seconds: float) -> Unavailable:
    return Unavailable("Keys of the token issuer are not available", retry_after=max(1, round(seconds)))
