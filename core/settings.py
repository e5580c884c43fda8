"""Every setting of the product, nested by room. Nothing else reads the environment.

``MUSIC_STUDIO_<ROOM>__<NAME>`` in the environment or in a ``.env`` file of the project's folder; a start with a wrong
value names it and ends.
"""

import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PositiveFloat,
    PositiveInt,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PROJECT: Final = Path(__file__).resolve().parent.parent

BUCKET: Final = re.compile(r"gs://([a-z0-9][a-z0-9._-]{1,220}[a-z0-9])(?:/([\w.~-]+(?:/[\w.~-]+)*))?/?", re.ASCII)
"""A place in Google Cloud Storage: the bucket, and the prefix of its names there."""

_KEY: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def _split(value: Any) -> Any:  # noqa: ANN401  whatever the environment holds
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _place(value: str) -> str:
    if "://" in value and not BUCKET.fullmatch(value):
        raise ValueError("must be a folder, or gs://bucket/prefix as in gs://music-files/studio")
    return value.rstrip("/") if value.startswith("gs://") else value


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
"""A list in one variable, separated by commas."""


class _Room(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ServerSettings(_Room):
    """The HTTP server."""

    host: str = Field("127.0.0.1", description="Address to listen on; loopback unless you ask for more.")
    port: int = Field(8080, ge=0, le=65_535, description="Port to listen on.")
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s]+$",
        description="What callers see in links, as https://music.example.org; default: http and the address above.",
    )
    cors_origins: Words = Field((), description="Origins whose pages may call the API, separated by commas; * for all.")
    max_body_bytes: PositiveInt = Field(1_048_576, description="Largest request body.")
    playback_seconds: PositiveInt = Field(900, description="How long a playback URL works.")
    shutdown_seconds: PositiveInt = Field(10, description="How long running requests may take to end at a stop.")
    socket_ping_seconds: PositiveFloat = Field(
        20, description="How often a socket is asked whether it lives, and how long it may take to answer."
    )
    header_seconds: PositiveFloat = Field(10, description="How long the head of a request may take to arrive.")
    body_seconds: PositiveFloat = Field(30, description="How long the body of a request may take to arrive.")
    max_header_bytes: PositiveInt = Field(65_536, description="Largest head of a request.")
    allowed_hosts: Words = Field(
        (),
        description="Further names that requests may be addressed to, as studio.lan or *.example.org, separated by "
        "commas; * for all. The public address, localhost and numeric addresses always may.",
    )
    trusted_proxies: Words = Field((), description="Addresses of proxies whose X-Forwarded-For is believed.")
    requests_per_minute: PositiveInt = Field(100, description="How often a caller may ask, on average.")
    requests_burst: PositiveInt = Field(120, description="How often a caller may ask at once.")
    single_statements: PositiveInt = Field(
        16, description="Connections to Postgres for statements that need no session, in each server."
    )
    share_resolves_per_minute: PositiveInt = Field(60, description="How often one address may open share links.")
    key_refresh_seconds: PositiveInt = Field(60, description="How often a key's last use is written down at most.")


class DocumentSettings(_Room):
    """How much one GraphQL document may ask for, its fragments written out."""

    max_depth: PositiveInt = Field(15, description="Fields inside each other.")
    max_aliases: PositiveInt = Field(50, description="Renamed fields.")
    max_root_fields: PositiveInt = Field(20, description="Fields of the root.")
    max_directives: PositiveInt = Field(50, description="Directives.")
    max_fragment_spreads: PositiveInt = Field(100, description="Uses of fragments.")
    max_width: PositiveInt = Field(200, description="Fields beside each other.")
    max_fields: PositiveInt = Field(1_000, description="Fields of the document; a page counts once.")
    max_definitions: PositiveInt = Field(100, description="Operations and fragments of the document.")
    max_characters: PositiveInt = Field(50_000, description="Length of the document.")
    max_tokens: PositiveInt = Field(4_000, description="Words and signs of the document.")
    max_cost: PositiveInt = Field(20_000, description="Fields of the answer, estimated from page sizes.")
    compiled: bool = Field(
        True, description="Whether documents that come again are answered by compiled plans; the answers are the same."
    )


class GraphQLSettings(_Room):
    """The GraphQL door."""

    introspection: Literal["open", "scoped", "off"] = Field(
        "open",
        description="Who may read the schema and is told what is wrong with a document: everybody, keys with the scope "
        "`introspection`, or nobody.",
    )
    fields_per_token: PositiveInt = Field(
        500, description="A request costs one token of its caller's allowance, and one more for so many fields."
    )
    trusted_documents: Literal["off", "prefer", "only"] = Field(
        "off",
        description="Whether documents of the manifest may be called by their hash (`prefer`), or nothing else may "
        "(`only`).",
    )
    trusted_documents_file: Path | None = Field(
        None, description="The manifest: JSON as Apollo, Relay or graphql-codegen write it."
    )
    max_batch: int = Field(0, ge=0, le=100, description="Operations in one request, as a list; 0 for none.")


class SocketSettings(_Room):
    """WebSockets of the GraphQL door; the counts are those of one server process."""

    init_seconds: PositiveFloat = Field(5, description="How long a client may take to introduce itself.")
    idle_seconds: PositiveFloat = Field(600, description="A socket without an operation for so long is closed.")
    check_seconds: PositiveFloat = Field(
        30, description="How often the credentials of sockets and streams are looked at again."
    )
    max_message_bytes: PositiveInt = Field(262_144, description="Largest message of a client.")
    max_operations: PositiveInt = Field(100, description="Operations at once on one socket.")
    max_per_caller: PositiveInt = Field(100, description="Sockets and streams of one caller.")
    max_per_address: PositiveInt = Field(1_000, description="Sockets and streams of one address.")


class MetricsSettings(_Room):
    """Figures for Prometheus at /metrics; without a token only this machine may read them."""

    token: str | None = Field(None, min_length=16, description="Bearer token that a scraper shows, from anywhere.")


class WebhookSettings(_Room):
    """Calls to addresses that organizations choose."""

    allowed_hosts: Words = Field(
        (), description="Hosts that may be called although they are private or without TLS, separated by commas."
    )
    timeout_seconds: PositiveFloat = Field(10, description="How long a receiver may take to answer.")
    poll_seconds: PositiveFloat = Field(1, description="How often deliveries that are due are looked for.")


class TelemetrySettings(_Room):
    """OpenTelemetry traces, sent by OTLP over HTTP; none without an endpoint."""

    endpoint: str | None = Field(
        None, pattern=r"^https?://[^\s]+[^/\s]$", description="Collector's base, as http://127.0.0.1:4318."
    )
    service_name: str = Field("music-studio", description="What spans are filed under, with -server or -worker.")


class TokenSettings(_Room):
    """Bearer tokens (JWT) of an identity provider; none are accepted until a secret or a JWKS address is set."""

    secret: str | None = Field(None, min_length=32, description="Shared secret of HS256 tokens, 32 characters or more.")
    jwks_url: str | None = Field(None, pattern=r"^https?://", description="Where RS256 public keys are published.")
    issuer: str | None = Field(None, description="Required `iss`, if set.")
    audience: str | None = Field(None, description="Required `aud`, if set.")
    leeway_seconds: int = Field(30, ge=0, le=300, description="Tolerated clock difference.")


class EngineSettings(_Room):
    """What makes the music, and what it costs."""

    enabled: Words = Field(("studio",), description="Keys of the engines on offer, separated by commas.")
    default: str = Field("studio", description="The engine of a caller who names none.")
    cost_chf_per_minute: dict[str, Annotated[Decimal, Field(ge=0)]] = Field(
        {"studio": Decimal("0.20")}, description='Price by engine key, as {"studio": 0.2}; 0 for an engine not named.'
    )


class WorkerSettings(_Room):
    """The processes that render."""

    count: PositiveInt = Field(2, description="Worker processes that `up` starts.")
    lease_seconds: PositiveFloat = Field(15, description="A worker silent for so long has lost its job.")
    heartbeat_seconds: PositiveFloat = Field(2, description="How often a worker says that it is alive, at least.")
    progress_seconds: PositiveFloat = Field(0.1, description="Shortest time between two progress events of a job.")
    recovery_seconds: PositiveFloat = Field(3, description="How often lost jobs are looked for.")
    max_attempts: PositiveInt = Field(3, description="A job that broke so often has failed.")
    retry_seconds: PositiveFloat = Field(5, description="A job that a part was away for rests for so long.")
    max_queued: PositiveInt = Field(10_000, description="Jobs that may wait; further ones are refused for a while.")
    max_queued_per_organization: PositiveInt = Field(1_000, description="Jobs of one organization that may wait.")
    max_conversions_per_organization: PositiveInt = Field(
        100, description="Files in rare formats that an organization may wait for at once."
    )
    tidy_seconds: PositiveFloat = Field(3600, description="How often unused files are looked for.")
    unused_seconds: PositiveFloat = Field(
        86_400, description="How long files of no track, or of a deleted one, are kept; longer than a job takes."
    )
    job_seconds: PositiveInt = Field(1800, description="Longest time that one rendering may take.")
    scratch_dir: Path | None = Field(None, description="Folder for audio in the making; default: the system's.")


class BlobSettings(_Room):
    """The bucket, if files are kept in one."""

    links: Literal["direct", "served"] = Field(
        "direct",
        description="Who hands files of a bucket out: `direct`, the bucket, by signed links of 15 minutes at most; "
        "`served`, this server, which stops at once when a track is deleted.",
    )
    key_file: Path | None = Field(
        None, description="Key file of a service account for the bucket; default: the machine's own credentials."
    )
    signer: str | None = Field(
        None,
        pattern=r"^[^@\s]+@[^@\s]+$",
        description="Service account (e-mail) in whose name IAM signs links when the credentials hold no private key; "
        "default: their own.",
    )
    threads: PositiveInt = Field(16, description="Calls to the bucket at once, in each process.")
    timeout_seconds: PositiveFloat = Field(60, description="How long a call to the bucket is tried again and again.")
    endpoint: str | None = Field(
        None,
        pattern=r"^https?://[^\s/]+$",
        description="Address of the storage API, for a private one or an emulator; default: Google's.",
    )


class C2paSettings(_Room):
    """Signed manifests in audio files (C2PA); none without a key. `./studio c2pa init` makes a chain to try with."""

    chain_file: Path | None = Field(None, description="Certificates as PEM: the signer's first, up to the root.")
    key_file: Path | None = Field(None, description="The signer's private key as PEM; set both or none.")
    algorithm: Literal["es256", "es384", "es512", "ps256", "ps384", "ps512", "ed25519"] = Field(
        "es256", description="How the key signs."
    )

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.chain_file is None) is not (self.key_file is None):
            raise ValueError("chain_file and key_file go together: set both or none")
        return self


def _key_bytes(value: str) -> str:
    if not _KEY.fullmatch(value):
        raise ValueError("must be 32 bytes in base64url, 43 characters, as `./studio receipts keys` shows them")
    return value


KeyText = Annotated[str, AfterValidator(_key_bytes)]


class ReceiptSettings(_Room):
    """Receipts, and the public question whether a file is one of ours."""

    key: KeyText | None = Field(
        None,
        description="Ed25519 private key that signs receipts, 32 bytes in base64url, the same on all servers and "
        "workers; default: made in the data folder.",
    )
    retired_keys: Annotated[tuple[KeyText, ...], NoDecode, BeforeValidator(_split)] = Field(
        (), description="Public keys of earlier private ones, in base64url, which stay published; separated by commas."
    )
    verifications_per_minute: PositiveInt = Field(60, description="How often one address may ask what a file is.")
    max_file_bytes: PositiveInt = Field(268_435_456, description="Largest file that may be sent to be verified.")


class ExportSettings(_Room):
    """Archives of what a user has."""

    kept_seconds: PositiveInt = Field(259_200, description="How long a finished export can be fetched.")
    poll_seconds: PositiveFloat = Field(2, description="How often workers look for exports that are asked for.")
    max_attempts: PositiveInt = Field(3, description="An export that broke so often has failed.")


class FocusSettings(_Room):
    """Focus sessions."""

    look_ahead: PositiveInt = Field(3, description="How many segments are made ahead of the one that plays.")
    idle_seconds: PositiveInt = Field(600, description="A session that nobody asked for so long makes nothing new.")
    stream_seconds: PositiveInt = Field(86_400, description="How long the address of a session's stream works.")


class Settings(BaseSettings):
    """All rooms. Frozen: a process has one set of settings for life."""

    model_config = SettingsConfigDict(
        env_prefix="MUSIC_STUDIO_",
        env_nested_delimiter="__",
        env_file=PROJECT / ".env",
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    data_dir: Path = Field(PROJECT / "var", description="Where the embedded default keeps everything.")
    database_url: str | None = Field(
        None,
        pattern=r"^postgres(ql)?(\+asyncpg)?://",
        validation_alias=AliasChoices("MUSIC_STUDIO_DATABASE_URL", "DATABASE_URL"),
        description="postgresql://user:password@host/name of your own Postgres; default: the embedded one.",
    )
    redis_url: str | None = Field(
        None,
        pattern=r"^(rediss?|unix)://",
        validation_alias=AliasChoices("MUSIC_STUDIO_REDIS_URL", "REDIS_URL"),
        description="redis://host:6379/0 of your own Redis or Valkey; default: the embedded one.",
    )
    storage: Annotated[str, AfterValidator(_place)] | None = Field(
        None, description="Where files are kept: a folder, or gs://bucket/prefix; default: blobs under the data folder."
    )
    signing_key: str | None = Field(
        None,
        min_length=32,
        description="Secret that signs links, the same on all servers; default: made in the data folder.",
    )
    policy_file: Path | None = Field(None, description="Rules of what is refused; default: the shipped ones.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severe line to log.")
    log_format: Literal["json", "text"] = Field("json", description="One JSON object a line, or text for people.")
    server: ServerSettings = ServerSettings()
    documents: DocumentSettings = DocumentSettings()
    graphql: GraphQLSettings = GraphQLSettings()
    sockets: SocketSettings = SocketSettings()
    metrics: MetricsSettings = MetricsSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    webhooks: WebhookSettings = WebhookSettings()
    tokens: TokenSettings = TokenSettings()
    engines: EngineSettings = EngineSettings()
    workers: WorkerSettings = WorkerSettings()
    blobs: BlobSettings = BlobSettings()
    c2pa: C2paSettings = C2paSettings()
    focus: FocusSettings = FocusSettings()
    receipts: ReceiptSettings = ReceiptSettings()
    exports: ExportSettings = ExportSettings()

    @property
    def public_url(self) -> str:
        """The base of every link that is given out, without a trailing slash."""
        if self.server.public_url:
            return self.server.public_url.rstrip("/")
        host = self.server.host
        if host in {"0.0.0.0", "::"}:  # noqa: S104  compared, not bound
            host = "127.0.0.1"
        return f"http://{f'[{host}]' if ':' in host else host}:{self.server.port}"

    @property
    def storage_dir(self) -> Path:
        """The folder of the local blob store."""
        return Path(self.storage) if self.storage else self.data_dir / "blobs"
