"""Where files are stored, and how they are signed."""

import re
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, PositiveFloat, PositiveInt, model_validator
from pydantic_settings import NoDecode

from core.settings.values import Section, split_commas

GCS_URL: Final = re.compile(r"gs://([a-z0-9][a-z0-9._-]{1,220}[a-z0-9])(?:/([\w.~-]+(?:/[\w.~-]+)*))?/?", re.ASCII)
"""The URL of a location in Google Cloud Storage; the groups are the bucket and the prefix of its object names."""


_BASE64URL_KEY: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def check_storage(value: str) -> str:
    """Return a folder, or the URL of a bucket without a slash at the end. Raises ValueError for another URL."""
    if "://" in value and not GCS_URL.fullmatch(value):
        raise ValueError("must be a folder, or gs://bucket/prefix as in gs://music-files/studio")
    return value.rstrip("/") if value.startswith("gs://") else value


def to_url(address: object) -> object:
    """Accept host and port without a scheme, as other clients do."""
    if not isinstance(address, str):
        return address
    return (address if "://" in address else f"http://{address}").rstrip("/")


class BlobSettings(Section):
    """Google Cloud Storage, if files are stored in a bucket."""

    links: Literal["direct", "served"] = "direct"
    """How files of a bucket are downloaded: `direct`, from the bucket by signed URLs of at most 15 minutes;
    `served`, through this server, which refuses files of a deleted track at once."""
    key_file: Path | None = None
    """Key file of a service account for the bucket; default: application default credentials."""
    signer: str | None = Field(None, pattern=r"^[^@\s]+@[^@\s]+$")
    """Service account (e-mail) for which IAM signs URLs when the credentials contain no private key; default: that
    of the credentials."""
    threads: PositiveInt = 16
    """Concurrent requests to the bucket in each process."""
    timeout_seconds: PositiveFloat = 60
    """Time limit of a request to the bucket in seconds, including retries."""
    endpoint: str | None = Field(None, pattern=r"^https?://[^\s/]+$")
    """URL of the storage API, for a private endpoint or an emulator; default: Google's."""


class C2paSettings(Section):
    """Signed C2PA manifests in audio files; disabled without a key. `./studio c2pa init` creates a test chain."""

    chain_file: Path | None = None
    """Certificate chain in PEM, from the signer to the root."""
    key_file: Path | None = None
    """Private key of the signer in PEM; set both files or neither."""
    algorithm: Literal["es256", "es384", "es512", "ps256", "ps384", "ps512", "ed25519"] = "es256"
    """Signature algorithm of the key."""

    @model_validator(mode="after")
    def _chain_and_key(self) -> Self:
        if (self.chain_file is None) is not (self.key_file is None):
            raise ValueError("chain_file and key_file must be set together: set both or neither")
        return self


class ReferenceAudioSettings(Section):
    """Audio that users upload for covers, repainting and alike."""

    max_file_bytes: PositiveInt = 104_857_600
    """Largest file in bytes that may be uploaded."""
    max_seconds: PositiveInt = 600
    """Longest audio in seconds that may be uploaded."""
    max_per_user: PositiveInt = 100
    """Uploads that a user may keep in an organization at the same time."""


def _check_key(value: str) -> str:
    if not _BASE64URL_KEY.fullmatch(value):
        raise ValueError("must be 32 bytes in base64url (43 characters), as printed by `./studio receipts keys`")
    return value


KeyText = Annotated[str, AfterValidator(_check_key)]


class ReceiptSettings(Section):
    """Receipts, and the public verification of files."""

    key: KeyText | None = None
    """Ed25519 private key that signs receipts, 32 bytes in base64url, the same for all servers and workers; default:
    created in the data folder."""
    retired_keys: Annotated[tuple[KeyText, ...], NoDecode, BeforeValidator(split_commas)] = ()
    """Public keys of earlier private keys that stay published, in base64url, separated by commas."""
    verifications_per_minute: PositiveInt = 60
    """Files that one IP address may verify per minute; further requests are rejected with 429."""
    max_file_bytes: PositiveInt = 268_435_456
    """Largest file in bytes that may be uploaded for verification."""
