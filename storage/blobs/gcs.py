"""Blobs in a bucket of Google Cloud Storage. The only module that knows Google's client.

It blocks, so it runs in threads of its own, so many at once; retries are its own, and every call has a deadline.
"""

import asyncio
import logging
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

import requests
from google.api_core import exceptions as api
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError, RefreshError
from google.cloud import storage
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse
from google.cloud.storage.retry import DEFAULT_RETRY

from core import clock
from core.errors import Unavailable
from core.settings import BlobSettings
from storage.blobs import content_disposition, content_hash, gcs_credentials
from storage.blobs.port import Blob, BlobNotFound
from storage.blobs.signed_urls import UrlSigner

log = logging.getLogger(__name__)

Args = ParamSpec("Args")
Result = TypeVar("Result")

MAX_URL_LIFETIME: Final = timedelta(minutes=15)
"""A signed link cannot be taken back, so it never lives longer, whatever is asked."""

_GOOGLE: Final = "https://storage.googleapis.com"
_PUT_AT: Final = "put-at"
_UPLOAD_BYTES: Final = 8 << 20  # larger files go up resumably, in pieces of this size
_READ_BYTES: Final = 1 << 18
_CHECK_SECONDS: Final = 5
_DISABLE_BUCKET_METADATA: Final = "DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA"
_CHECK_KEY: Final = content_hash.key_of("0" * 64, ".check")
_UNREACHABLE: Final = (
    api.GoogleAPIError,
    GoogleAuthError,
    InvalidResponse,
    DataCorruption,
    requests.RequestException,
    OSError,
)


class GcsBlobs:
    """See BlobStore. With ``links``, our own server hands files out; without, the bucket does.

    Raises ValueError for a key file that cannot be used. ``session`` carries what is not yet authorized.
    """

    def __init__(
        self,
        bucket: str,
        prefix: str,
        settings: BlobSettings,
        links: UrlSigner | None,
        session: requests.Session | None = None,
    ) -> None:
        self._bucket_name = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._settings = settings
        self._links = links
        self._session = session or requests.Session()
        self._key_file_credentials = gcs_credentials.from_file(settings.key_file) if settings.key_file else None
        self._threads = ThreadPoolExecutor(settings.threads, thread_name_prefix="bucket")
        self._lock = threading.RLock()
        self._endpoint = settings.endpoint or _GOOGLE
        self._call_options: dict[str, Any] = {
            "timeout": settings.timeout_seconds,
            "retry": DEFAULT_RETRY.with_timeout(settings.timeout_seconds),
        }

    async def put(self, source: Path, suffix: str) -> Blob:
        """See BlobStore."""
        return await self._call(self._put, source, suffix)

    async def stat(self, key: str) -> Blob:
        """See BlobStore."""
        return await self._call(self._stat, key)

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """See BlobStore. Each block is a request: a slow reader holds neither a thread nor a connection."""
        while end is None or start < end:
            wanted = _READ_BYTES if end is None else min(_READ_BYTES, end - start)
            block = await self._call(self._read, key, start, wanted)
            if block:
                yield block
            if len(block) < wanted:
                return
            start += wanted

    async def walk(self) -> AsyncIterator[Blob]:
        """See BlobStore."""
        pages = await self._call(self._pages)
        while (page := await self._call(next, pages, None)) is not None:
            for found in page:
                key = found.name.removeprefix(self._prefix)
                if content_hash.is_key(key):
                    yield _blob(key, found)

    async def url(
        self, key: str, filename: str, expires_at: datetime, organization_id: str, *, is_attachment: bool = False
    ) -> str:
        """See BlobStore."""
        if self._links is not None:
            known = content_hash.validate(key)
            return self._links.url(known, filename, expires_at, organization_id, is_attachment=is_attachment)
        disposition = content_disposition.header(filename, is_attachment=is_attachment)
        return await self._call(self._sign, key, disposition, min(expires_at - clock.now(), MAX_URL_LIFETIME))

    async def delete(self, key: str, *, unless_put_since: datetime | None = None) -> bool:
        """See BlobStore."""
        return content_hash.is_key(key) and await self._call(self._delete, key, unless_put_since)

    async def check(self) -> None:
        """See BlobStore. A look for what is never there: the cheapest question that needs the right to read."""
        await self._call(self._check_access)

    async def close(self) -> None:
        """See BlobStore."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._session.close()
        if "_client" in self.__dict__:
            self._client.close()

    async def _call(self, work: Callable[Args, Result], *args: Args.args, **options: Args.kwargs) -> Result:
        def told() -> Result:
            with _translate_errors():
                return work(*args, **options)

        return await asyncio.get_running_loop().run_in_executor(self._threads, told)

    def _put(self, source: Path, suffix: str) -> Blob:
        key, size_bytes = content_hash.key_of_file(source, suffix), source.stat().st_size
        # found by the one and gone for the other: whoever removes blobs does not come twice in a row
        for _ in range(3):
            blob = self._renew(key) or self._upload(key, source, size_bytes)
            if blob is not None:
                return blob
        raise Unavailable("Blob store changes under our hands")

    def _renew(self, key: str) -> Blob | None:
        """The blob if it is there; then, as if it had been put just now."""
        found = self._object(key)
        found.metadata = {_PUT_AT: clock.now().isoformat()}
        try:
            found.patch(**self._call_options)
        except api.NotFound:
            return None
        return _blob(key, found)

    def _upload(self, key: str, source: Path, size_bytes: int) -> Blob | None:
        """The new blob; None when somebody else was first."""
        made = self._object(key, chunk_size=_UPLOAD_BYTES)
        made.cache_control = "private, max-age=900, immutable"
        made.metadata = {_PUT_AT: clock.now().isoformat()}
        try:
            with source.open("rb") as file:
                made.upload_from_file(
                    file,
                    size=size_bytes,
                    content_type=content_hash.media_type(key),
                    if_generation_match=0,
                    checksum="auto",
                    **self._call_options,
                )
        except api.PreconditionFailed:
            return None
        except api.NotFound as error:
            raise Unavailable("Blob store has no such bucket") from error
        return Blob(key, size_bytes, clock.now())

    def _stat(self, key: str) -> Blob:
        found = self._object(key)
        with self._translate_not_found(key):
            found.reload(**self._call_options)
        return _blob(key, found)

    def _read(self, key: str, start: int, size_bytes: int) -> bytes:
        with self._translate_not_found(key):
            try:
                block: bytes = self._object(key).download_as_bytes(
                    start=start, end=start + size_bytes - 1, raw_download=True, checksum=None, **self._call_options
                )
            except api.RequestRangeNotSatisfiable:
                return b""
        return block

    def _pages(self) -> Iterator[Any]:
        wanted = "items(name,size,timeCreated,metadata),nextPageToken"
        found = self._client.list_blobs(
            self._bucket, prefix=f"{self._prefix}sha256/", fields=wanted, **self._call_options
        )
        pages: Iterator[Any] = found.pages
        return pages

    def _sign(self, key: str, disposition: str, lifetime: timedelta) -> str:
        signed: str = self._object(key).generate_signed_url(
            version="v4",
            method="GET",
            expiration=lifetime,
            response_disposition=disposition,
            credentials=self._signing_credentials,
            api_access_endpoint=self._endpoint,
        )
        return signed

    def _delete(self, key: str, unless_put_since: datetime | None) -> bool:
        """Only as it was seen: a put meanwhile has changed its metadata, and then it stays."""
        found, seen = self._object(key), dict[str, Any]()
        try:
            if unless_put_since is not None:
                found.reload(**self._call_options)
                if _blob(key, found).put_at >= unless_put_since:
                    return False
                seen = {"if_generation_match": found.generation, "if_metageneration_match": found.metageneration}
            found.delete(**seen, **self._call_options)
        except (api.NotFound, api.PreconditionFailed):
            return False
        return True

    def _check_access(self) -> None:
        try:
            self._object(_CHECK_KEY).reload(timeout=_CHECK_SECONDS, retry=None)
        except api.NotFound as error:
            if "bucket does not exist" in str(error):
                raise Unavailable("Blob store has no such bucket") from error

    @contextmanager
    def _translate_not_found(self, key: str) -> Iterator[None]:
        try:
            yield
        except api.NotFound as error:
            if "bucket does not exist" in str(error):
                raise Unavailable("Blob store has no such bucket") from error
            raise BlobNotFound(key) from error

    def _object(self, key: str, chunk_size: int | None = None) -> Any:  # noqa: ANN401  Google's; it has no types
        return self._bucket.blob(self._prefix + content_hash.validate(key), chunk_size=chunk_size)

    @cached_property
    def _bucket(self) -> Any:  # noqa: ANN401  see above
        with self._lock:
            return self._client.bucket(self._bucket_name)

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401  see above
        with self._lock:
            # or it asks about the bucket beside our calls, for spans that nobody records, with a right we may not have
            os.environ.setdefault(_DISABLE_BUCKET_METADATA, "true")
            session = gcs_credentials.authorized_session(self._credentials, self._session, self._settings.threads)
            return storage.Client(
                None, self._credentials, _http=session, client_options={"api_endpoint": self._endpoint}
            )

    @cached_property
    def _credentials(self) -> Any:  # noqa: ANN401  see above
        with self._lock:
            if self._key_file_credentials is not None:
                return self._key_file_credentials
            return (
                gcs_credentials.anonymous()
                if self._endpoint.startswith("http://")
                else gcs_credentials.application_default(self._session)
            )

    @cached_property
    def _signing_credentials(self) -> Any:  # noqa: ANN401  see above
        return gcs_credentials.signing_credentials(self._credentials, self._session, self._settings.signer)


def _blob(key: str, found: Any) -> Blob:  # noqa: ANN401  Google's; it has no types
    """Put when it was made, or when a later put found it there."""
    renewed = (found.metadata or {}).get(_PUT_AT)
    put_at = max(found.time_created, datetime.fromisoformat(renewed)) if renewed else found.time_created
    return Blob(key, int(found.size), put_at.astimezone(UTC))


@contextmanager
def _translate_errors() -> Iterator[None]:
    """What Google's libraries raise, as the one refusal; what they said is for the log and the operator only."""
    try:
        yield
    except (api.Unauthorized, api.Forbidden, RefreshError, DefaultCredentialsError) as error:
        log.warning("bucket refused us", extra={"reason": str(error)})
        raise Unavailable("Blob store does not accept the credentials", retry_after=30) from error
    except _UNREACHABLE as error:
        log.warning("bucket is away", extra={"reason": str(error)})
        raise Unavailable("Blob store is not reachable") from error
