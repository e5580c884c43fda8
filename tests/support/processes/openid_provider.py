"""An OpenID provider that issues signed ID tokens for codes, and can deny, delay and fail."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.support.processes import threaded_server
from tests.support.processes.identity_provider import public_jwk, sign

CLIENT_ID: Final = "music-studio"
CLIENT_SECRET: Final = "a secret"


class Provider(ThreadingHTTPServer):
    """The state of the provider: users agree while ``is_allowed``, and codes are valid while ``are_codes_valid``.

    ``claims`` are added to ID tokens or replace theirs; a claim of None is left out. ``status`` replaces that of all
    responses other than redirects.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.is_allowed = self.are_codes_valid = True
        self.claims: dict[str, object] = {}
        self.metadata: dict[str, object] = {}
        self.status: int | None = None
        self.requests: dict[str, Mapping[str, str]] = {}
        """The authorization requests by code."""

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/realm"

    def discovery(self) -> dict[str, object]:
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
        return {
            "issuer": self.issuer,
            **{name: f"{self.issuer}/{path}" for name, path in names.items()},
            **self.metadata,
        }

    def authorize(self, request: Mapping[str, str]) -> str:
        """Return the address to which the browser is sent back."""
        assert (request["response_type"], request["client_id"]) == ("code", CLIENT_ID)
        assert request["code_challenge_method"] == "S256"
        answer = {"state": request["state"], "error": "access_denied"}
        if self.is_allowed:
            code = secrets.token_hex(8)
            self.requests[code] = request
            answer = {"state": request["state"], "code": code}
        return f"{request['redirect_uri']}?{urlencode(answer)}"

    def redeem(self, form: Mapping[str, str], authorization: str) -> dict[str, object]:
        """Return the response of the token endpoint."""
        expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if authorization != f"Basic {expected}":
            return {"error": "invalid_client"}
        request = self.requests.pop(form["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        if (
            request is None
            or not self.are_codes_valid
            or form["redirect_uri"] != request["redirect_uri"]
            or challenge.decode() != request["code_challenge"]
        ):
            return {"error": "invalid_grant"}
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": "someone",
            "name": "Sam One",
            "iat": time.time(),
            "nonce": request["nonce"],
            **self.claims,
        }
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": sign(**claims)}


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/realm/authorize":
            self.send_response(302)
            self.send_header("Location", self.server.authorize(dict(parse_qsl(parts.query))))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        found = {
            "/realm/.well-known/openid-configuration": self.server.discovery(),
            "/realm/jwks": {"keys": [public_jwk("RS256")]},
        }
        self._answer(found[parts.path])

    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        answer = self.server.redeem(form, self.headers.get("Authorization", ""))
        self._answer(answer, 400 if "error" in answer else 200)

    def _answer(self, document: object, status: int = 200) -> None:
        body = json.dumps(document).encode()
        self.send_response(self.server.status or status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Write no log."""


@contextmanager
def running() -> Iterator[Provider]:
    with threaded_server.serving(Provider()) as server:
        yield server
