"""Blob store in a bucket of Google Cloud Storage.

Google's client blocks, so that calls run in a thread pool; it retries each call until a timeout.
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
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
"""Upper limit of a signed URL's lifetime, because the bucket cannot revoke it."""

_GOOGLE_ENDPOINT: Final = "https://storage.googleapis.com"
_PUT_AT: Final = "put-at"  # key of the custom metadata
_UPLOAD_BYTES: Final = 8 << 20  # larger files are uploaded resumably, in chunks of this size
_READ_BYTES: Final = 1 << 18
_CHECK_SECONDS: Final = 5
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
    """A blob store; with a ``url_signer``, signed URLs lead to this server, otherwise to the bucket.

    Raises ValueError for an invalid key file. ``session`` sends the requests for access tokens.
    """

    def __init__(
        self,
        bucket: str,
        prefix: str,
        settings: BlobSettings,
        url_signer: UrlSigner | None,
        session: requests.Session | None = None,
    ) -> None:
        self._bucket_name = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._settings = settings
        self._url_signer = url_signer
        self._session = session or requests.Session()
        self._key_file_credentials = gcs_credentials.from_file(settings.key_file) if settings.key_file else None
        self._threads = ThreadPoolExecutor(settings.threads, thread_name_prefix="bucket")
        self._endpoint = settings.endpoint or _GOOGLE_ENDPOINT
        self._call_options: dict[str, Any] = {
            "timeout": settings.timeout_seconds,
            "retry": DEFAULT_RETRY.with_timeout(settings.timeout_seconds),
        }

    @property
    def download_origin(self) -> str | None:
        return None if self._url_signer else self._endpoint

    async def put(self, source: Path, suffix: str) -> Blob:
        return await self._call(self._put, source, suffix)

    async def stat(self, key: str) -> Blob:
        return _blob(key, await self._call(self._reload, key))

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Each block is a request, so that a slow reader occupies neither a thread nor a connection."""
        while end is None or start < end:
            size_bytes = _READ_BYTES if end is None else min(_READ_BYTES, end - start)
            block = await self._call(self._read, key, start, size_bytes)
            if block:
                yield block
            if len(block) < size_bytes:
                return
            start += size_bytes

    async def walk(self) -> AsyncIterator[Blob]:
        pages = await self._call(self._pages)
        while (page := await self._call(next, pages, None)) is not None:
            for item in page:
                key = item.name.removeprefix(self._prefix)
                if content_hash.is_key(key):
                    yield _blob(key, item)

    async def url(
        self,
        key: str,
        filename: str,
        expires_at: datetime,
        scope_id: str,
        *,
        is_attachment: bool = False,
        base_url: str | None = None,
    ) -> str:
        if self._url_signer is not None:
            valid_key = content_hash.validate(key)
            return self._url_signer.url(
                valid_key, filename, expires_at, scope_id, is_attachment=is_attachment, base_url=base_url
            )
        disposition = content_disposition.header(filename, is_attachment=is_attachment)
        return await self._call(self._sign, key, disposition, min(expires_at - clock.now(), MAX_URL_LIFETIME))

    async def delete(self, key: str, *, unless_put_since: datetime | None = None) -> bool:
        return content_hash.is_key(key) and await self._call(self._delete, key, unless_put_since)

    async def check(self) -> None:
        """Looks up a missing object, the cheapest request that requires permission to read."""
        with suppress(BlobNotFound):
            await self._call(self._reload, _CHECK_KEY, timeout=_CHECK_SECONDS, retry=None)

    async def check_space(self) -> None:
        """A bucket has no limit."""

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._session.close()
        if "_client" in self.__dict__:
            self._client.close()

    async def _call(self, work: Callable[Args, Result], *args: Args.args, **options: Args.kwargs) -> Result:
        def run() -> Result:
            with _translate_errors():
                return work(*args, **options)

        return await asyncio.get_running_loop().run_in_executor(self._threads, run)

    def _put(self, source: Path, suffix: str) -> Blob:
        key, size_bytes = content_hash.key_of_file(source, suffix), source.stat().st_size
        # another process may create the blob after the renewal failed, or delete it before the upload does; not often
        for _ in range(3):
            blob = self._renew(key) or self._upload(key, source, size_bytes)
            if blob is not None:
                return blob
        raise Unavailable("Blob was created and deleted concurrently")

    def _renew(self, key: str) -> Blob | None:
        """Set the time of an existing blob to now; return None if it is missing."""
        item = self._object(key)
        item.metadata = {_PUT_AT: clock.now().isoformat()}
        try:
            item.patch(**self._call_options)
        except api.NotFound:
            return None
        return _blob(key, item)

    def _upload(self, key: str, source: Path, size_bytes: int) -> Blob | None:
        """Upload a new blob; return None if another process was first."""
        item = self._object(key, chunk_size=_UPLOAD_BYTES)
        item.cache_control = "private, max-age=900, immutable"
        item.metadata = {_PUT_AT: clock.now().isoformat()}
        try:
            with source.open("rb") as file:
                item.upload_from_file(
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

    def _reload(self, key: str, **options: Any) -> Any:  # noqa: ANN401  Google's client has no types
        item = self._object(key)
        with self._translate_not_found(key):
            item.reload(**(self._call_options | options))
        return item

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
        fields = "items(name,size,timeCreated,metadata),nextPageToken"
        listing = self._client.list_blobs(
            self._bucket_name, prefix=f"{self._prefix}sha256/", fields=fields, **self._call_options
        )
        pages: Iterator[Any] = listing.pages
        return pages

    def _sign(self, key: str, disposition: str, lifetime: timedelta) -> str:
        url: str = self._object(key).generate_signed_url(
            version="v4",
            method="GET",
            expiration=lifetime,
            response_disposition=disposition,
            credentials=self._signing_credentials,
            api_access_endpoint=self._endpoint,
        )
        return url

    def _delete(self, key: str, unless_put_since: datetime | None) -> bool:
        """Delete a blob unless it has changed since its time was read: a put changes its metadata."""
        item, preconditions = self._object(key), dict[str, Any]()
        try:
            if unless_put_since is not None:
                item.reload(**self._call_options)
                if _blob(key, item).put_at >= unless_put_since:
                    return False
                preconditions = {"if_generation_match": item.generation, "if_metageneration_match": item.metageneration}
            item.delete(**preconditions, **self._call_options)
        except (api.NotFound, api.PreconditionFailed):
            return False
        return True

    @contextmanager
    def _translate_not_found(self, key: str) -> Iterator[None]:
        try:
            yield
        except api.NotFound as error:
            if "bucket does not exist" in str(error):
                raise Unavailable("Blob store has no such bucket") from error
            raise BlobNotFound(key) from error

    def _object(self, key: str, chunk_size: int | None = None) -> Any:  # noqa: ANN401  see above
        return self._client.bucket(self._bucket_name).blob(
            self._prefix + content_hash.validate(key), chunk_size=chunk_size
        )

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401  see above
        # otherwise the client requests the bucket for unused trace spans, which needs another permission
        os.environ.setdefault("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")
        session = gcs_credentials.authorized_session(self._credentials, self._session, self._settings.threads)
        # the only parameter for a session; tested with google-cloud-storage 3.17.1
        return storage.Client(None, self._credentials, _http=session, client_options={"api_endpoint": self._endpoint})

    @cached_property
    def _credentials(self) -> Any:  # noqa: ANN401  see above
        return self._key_file_credentials or gcs_credentials.application_default(self._endpoint, self._session)

    @cached_property
    def _signing_credentials(self) -> Any:  # noqa: ANN401  see above
        return gcs_credentials.signing_credentials(self._credentials, self._session, self._settings.signer)


def _blob(key: str, item: Any) -> Blob:  # noqa: ANN401  Google's client has no types
    renewed_at = (item.metadata or {}).get(_PUT_AT)
    put_at = max(item.time_created, datetime.fromisoformat(renewed_at)) if renewed_at else item.time_created
    return Blob(key, int(item.size), put_at.astimezone(UTC))


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Raise Unavailable for the errors of Google's libraries, and log their messages."""
    try:
        yield
    except (api.Unauthorized, api.Forbidden, RefreshError, DefaultCredentialsError) as error:
        log.warning("bucket refused the credentials", extra={"reason": str(error)})
        raise Unavailable("Blob store does not accept the credentials", retry_after=30) from error
    except _UNREACHABLE as error:
        log.warning("bucket is not reachable", extra={"reason": str(error)})
        raise Unavailable("Blob store is not reachable") from error
