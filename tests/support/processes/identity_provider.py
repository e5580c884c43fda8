"""An identity provider: key pairs, a JWKS endpoint that can fail in several ways, and signed tokens."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from tests.support.processes import threaded_server

ISSUER, AUDIENCE = "https://id.example", "studio"

PRIVATE_KEYS: dict[str, Any] = {
    "RS256": rsa.generate_private_key(public_exponent=65_537, key_size=2048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "ES384": ec.generate_private_key(ec.SECP384R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}
for _algorithm in ("RS384", "RS512", "PS256", "PS384", "PS512"):
    PRIVATE_KEYS[_algorithm] = PRIVATE_KEYS["RS256"]


KEY_IDS = {name: name.lower() if name.startswith("E") else "key-rsa" for name in PRIVATE_KEYS}


def public_jwk(algorithm: str, **members: object) -> dict[str, Any]:
    """Return the public key for an algorithm as a JWK without the member ``alg``."""
    text = jwt.get_algorithm_by_name(algorithm).to_jwk(PRIVATE_KEYS[algorithm].public_key())
    return {**json.loads(str(text)), "kid": KEY_IDS[algorithm], **members}


def sign(algorithm: str = "RS256", key: Any = None, kid: str | None = "", **claims: object) -> str:  # noqa: ANN401
    """Sign a token for the subject ``auth0|someone``; a claim of None is left out, ``kid=None`` omits the key id."""
    merged = {"sub": "auth0|someone", "iss": ISSUER, "aud": AUDIENCE, "exp": time.time() + 60, **claims}
    present = {name: value for name, value in merged.items() if value is not None}
    headers = {} if kid is None else {"kid": kid or KEY_IDS[algorithm]}
    return jwt.encode(present, key or PRIVATE_KEYS[algorithm], algorithm=algorithm, headers=headers)


@dataclass
class IdentityProvider:
    """The state of a running JWKS endpoint. While ``is_hanging``, requests get no response."""

    url: str = ""
    status: int = 200
    body: bytes = b""
    is_hanging: bool = False
    requests: int = 0
    release: threading.Event = field(default_factory=threading.Event)

    def publish(self, keys: Sequence[object]) -> None:
        self.status, self.body = 200, json.dumps({"keys": list(keys)}).encode()


@contextmanager
def running() -> Iterator[IdentityProvider]:
    """Run an endpoint that publishes the RSA key."""
    provider = IdentityProvider()
    provider.publish([public_jwk("RS256")])

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.requests += 1
            if provider.is_hanging:
                provider.release.wait()
                return
            self.send_response(provider.status)
            self.send_header("Content-Length", str(len(provider.body)))
            self.end_headers()
            self.wfile.write(provider.body)

        def log_message(self, *_: object) -> None:
            """Write no log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider.url = f"http://127.0.0.1:{server.server_port}/jwks.json"
    with threaded_server.serving(server):
        try:
            yield provider
        finally:
            provider.release.set()
