"""A GCS emulator that also checks preconditions and tokens, with a throw-away service account.

The emulator checks neither preconditions nor tokens, so the request handler here does before it responds.
"""

import base64
import io
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from gcp_storage_emulator.exceptions import NotFound
from gcp_storage_emulator.handlers import buckets
from gcp_storage_emulator.server import RequestHandler, Router
from gcp_storage_emulator.storage import Storage

NAME: Final = "music-files"
EMAIL: Final = "studio@throwaway.iam.gserviceaccount.com"
AUDIENCE: Final = "https://oauth2.googleapis.com/token"  # independent of the address of the server
REFRESH_TOKEN: Final = "a refresh token of a person"
TOKEN: Final = "a token of the throw-away account"


class ServiceAccount:
    """A service account with a new key."""

    def __init__(self) -> None:
        self.private_key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
        self.public_key = self.private_key.public_key()

    def sign(self, message: bytes) -> bytes:
        return self.private_key.sign(message, padding.PKCS1v15(), hashes.SHA256())

    def write(self, path: Path, token_uri: str) -> Path:
        """Write the key file in the format of the Google Cloud console."""
        pem = self.private_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        facts = {
            "type": "service_account",
            "client_email": EMAIL,
            "private_key": pem.decode(),
            "private_key_id": "1",
            "token_uri": token_uri,
        }
        path.write_text(json.dumps(facts))
        return path


@cache
def service_account() -> ServiceAccount:
    """Return the account of this process; generating a key is slow."""
    return ServiceAccount()


@dataclass
class Bucket:
    """A running bucket, the requests that it received and its faults."""

    address: str
    account: ServiceAccount
    storage: Any
    requests: list[str] = field(default_factory=list)
    failing_with: int | None = None
    before_method: dict[str, Callable[[], object]] = field(default_factory=dict)
    """Called once before the next request of the method is handled."""

    def names(self) -> list[str]:
        return [found["name"] for found in self.storage.get_file_list(NAME)[0]]

    def content(self, name: str) -> bytes:
        content: bytes = self.storage.get_file(NAME, name)
        return content

    def metadata(self, name: str) -> dict[str, Any]:
        facts: dict[str, Any] = self.storage.get_file_obj(NAME, name)
        return facts


class StrictRequestHandler(RequestHandler):  # type: ignore[misc]
    """The emulator with a token endpoint and IAM's signBlob."""

    def __init__(self, bucket: list[Bucket], *arguments: object) -> None:
        self.bucket = bucket[0]
        super().__init__(self.bucket.storage, *arguments)

    def answer(self) -> None:
        if self.path == "/token":
            self._handle_token_request()
        elif self.path.endswith(":signBlob"):
            self._sign_blob()
        else:
            self._handle_storage_request()

    do_GET = do_PUT = do_PATCH = do_DELETE = do_POST = answer  # noqa: N815  named so by the standard library

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  the signature of the base class
        """Discard log messages."""

    def _handle_storage_request(self) -> None:
        self.bucket.requests.append(f"{self.command} {urlsplit(self.path).path}")
        self.bucket.before_method.pop(self.command, lambda: None)()
        body = self._body()
        refused = self.bucket.failing_with or self._check_authorization() or self._check_preconditions(body)
        if refused:
            self._respond(refused, {"error": {"code": refused, "message": "refused by the test"}})
        else:
            self.rfile = io.BytesIO(body)
            Router(self).handle(self.command)

    def _check_authorization(self) -> int | None:
        if "X-Goog-Signature" in self.path:
            return None
        return None if self.headers.get("Authorization") == f"Bearer {TOKEN}" else 401

    def _check_preconditions(self, body: bytes) -> int | None:
        """Return 412 if a precondition does not hold."""
        query = parse_qs(urlsplit(self.path).query)
        match = re.search(rb'"name": *"([^"]+)"', body)
        name = match[1].decode() if match and self.command == "POST" else urlsplit(self.path).path.partition("/o/")[2]
        for parameter, fact in (("ifGenerationMatch", "generation"), ("ifMetagenerationMatch", "metageneration")):
            if parameter in query and query[parameter][0] != self._fact(name.replace("%2F", "/"), fact):
                return 412
        return None

    def _fact(self, name: str, fact: str) -> str:
        try:
            return str(self.bucket.metadata(name)[fact])
        except NotFound:
            return "0"

    def _handle_token_request(self) -> None:
        """Return a token for an assertion of the service account or for the refresh token of a user."""
        form = parse_qs(self._body().decode())
        if form["grant_type"] == ["refresh_token"]:
            assert form["refresh_token"] == [REFRESH_TOKEN]
        else:
            claim = jwt.decode(form["assertion"][0], self.bucket.account.public_key, ["RS256"], audience=AUDIENCE)
            assert claim["iss"] == EMAIL
        self._respond(200, {"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"})

    def _sign_blob(self) -> None:
        assert self.headers["Authorization"] == f"Bearer {TOKEN}"
        assert self.path == f"/v1/projects/-/serviceAccounts/{EMAIL}:signBlob"
        signature = self.bucket.account.sign(base64.b64decode(json.loads(self._body())["payload"]))
        self._respond(200, {"keyId": "1", "signedBlob": base64.b64encode(signature).decode()})

    def _body(self) -> bytes:
        body: bytes = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return body

    def _respond(self, status: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def running() -> Iterator[Bucket]:
    """Run a bucket on a free port."""
    storage = Storage(use_memory_fs=True)
    buckets.create_bucket(NAME, storage)
    started: list[Bucket] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(StrictRequestHandler, started)) as server:
        bucket = Bucket(f"http://127.0.0.1:{server.server_port}", service_account(), storage)
        started.append(bucket)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield bucket
        finally:
            server.shutdown()
            thread.join()
