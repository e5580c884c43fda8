"""Bearer tokens of an identity provider with a JWKS endpoint (RS256)."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from core.settings import Settings, TokenSettings
from server.embedded import ports
from tests.support.processes.servers import serving
from tests.support.users import Cast

KEY = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
STRANGER = rsa.generate_private_key(public_exponent=65_537, key_size=2048)


@pytest.fixture(scope="module")
def jwks_url() -> Iterator[str]:
    """The URL of the JWKS endpoint."""
    public = {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key())), "kid": "one", "alg": "RS256"}

    class Published(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"keys": [public]}).encode())

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Published)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/jwks.json"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def trusting_url(settings: Settings, jwks_url: str) -> Iterator[str]:
    """A server that accepts tokens of this provider."""
    tokens = TokenSettings(jwks_url=jwks_url, issuer="https://id.example", audience="studio")
    server = settings.server.model_copy(update={"port": ports.find_free()})
    with serving(settings.model_copy(update={"server": server, "tokens": tokens})) as url:
        yield url


def token(cast: Cast, key: rsa.RSAPrivateKey = KEY, **changes: Any) -> str:  # noqa: ANN401  claims of any kind
    claims = {
        "sub": "auth0|someone new",
        "orgs": [cast.ada.organization_id, "org_of_nobody"],
        "iss": "https://id.example",
        "aud": "studio",
        "exp": time.time() + 60,
        **changes,
    }
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "one"})


async def execute(url: str, bearer: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=url, timeout=100) as client:
        query = {"query": "{ viewer { id organizations { name } } }"}
        return await client.post("/graphql", json=query, headers={"Authorization": f"Bearer {bearer}"})


async def test_a_signed_token_authenticates_its_subject(trusting_url: str, cast: Cast) -> None:
    answer = await execute(trusting_url, token(cast))
    assert answer.json() == {"data": {"viewer": {"id": "auth0|someone new", "organizations": [{"name": "First"}]}}}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"exp": 1}, "TOKEN_EXPIRED"),
        ({"iss": "https://other.example"}, "TOKEN_INVALID"),
        ({"aud": "other"}, "TOKEN_INVALID"),
        ({"key": STRANGER}, "TOKEN_INVALID"),
    ],
)
async def test_an_invalid_token_is_rejected(trusting_url: str, cast: Cast, changes: dict[str, Any], code: str) -> None:
    answer = await execute(trusting_url, token(cast, **changes))
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["extensions"]["code"] == code


async def test_a_token_signed_with_the_public_key_as_a_secret_is_rejected(trusting_url: str, cast: Cast) -> None:
    forged = jwt.encode({"sub": "x", "exp": time.time() + 60}, "x" * 32, algorithm="HS256", headers={"kid": "one"})
    assert (await execute(trusting_url, forged)).json()["errors"][0]["extensions"]["code"] == "TOKEN_INVALID"
