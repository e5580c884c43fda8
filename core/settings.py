"""Settings of the product, grouped in sections. No other module reads the environment.

Set ``MUSIC_STUDIO_<SECTION>__<NAME>`` in the environment or in a ``.env`` file in the project's folder. A process does
not start with an invalid value, and its error message names the setting.
"""

import re
from decimal import Decimal
from ipaddress import ip_network
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

from core.network import links, public_addresses
from core.network.database_url import check_url
from core.webhooks import MAX_ROTATION

WILDCARD_HOSTS: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  compared, not bound
"""Addresses that stand for all of this machine, with the loopback address of their kind."""

PROJECT: Final = Path(__file__).resolve().parent.parent

GCS_URL: Final = re.compile(r"gs://([a-z0-9][a-z0-9._-]{1,220}[a-z0-9])(?:/([\w.~-]+(?:/[\w.~-]+)*))?/?", re.ASCII)
"""The URL of a location in Google Cloud Storage; the groups are the bucket and the prefix of its object names."""

_ORIGIN: Final = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/?#@,]+", re.ASCII)

_BASE64URL_KEY: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def _split(value: Any) -> Any:  # noqa: ANN401  raw value of the environment
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _check_storage(value: str) -> str:
    if "://" in value and not GCS_URL.fullmatch(value):
        raise ValueError("must be a folder, or gs://bucket/prefix as in gs://music-files/studio")
    return value.rstrip("/") if value.startswith("gs://") else value


def _parse_allowed_hosts(value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(public_addresses.parse_allowed_host, value))


def _strip_brackets(value: str) -> str:
    return value[1:-1] if value.startswith("[") and value.endswith("]") else value


def _check_origins(values: tuple[str, ...]) -> tuple[str, ...]:
    origins = tuple(value.lower().removesuffix("/") for value in values)
    for origin in origins:
        if origin not in {"*", "null"} and not _ORIGIN.fullmatch(origin):
            raise ValueError(f"{origin} is not an origin such as https://app.example.org, without a path, or *")
    return origins


def _check_proxies(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        try:
            _ = value == "*" or ip_network(value, strict=False)
        except ValueError:
            raise ValueError(f"{value} is not an IP address, a network such as 10.0.0.0/8, or *") from None
    return values


def _to_url(address: object) -> object:
    """Accept host and port without a scheme, as other clients do."""
    if not isinstance(address, str):
        return address
    return (address if "://" in address else f"http://{address}").rstrip("/")


CommaSeparated = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
"""A list of values separated by commas."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class DatabaseSettings(_Section):
    """Connections to your own Postgres."""

    pooling: Literal["session", "transaction"] = "session"
    """`session`: DATABASE_URL leads to Postgres, or to a pooler in session mode; `transaction`: to a pooler in
    transaction mode, such as PgBouncer or Supavisor."""
    direct_url: Annotated[str, AfterValidator(check_url)] | None = None
    """URL of Postgres past a pooler in transaction mode, for migrations and notifications (LISTEN); without it, sockets
    of a revoked key are closed within MUSIC_STUDIO_SOCKETS__CHECK_SECONDS, not at once."""


class ServerSettings(_Section):
    """The HTTP server."""

    host: Annotated[str, AfterValidator(_strip_brackets)] = "127.0.0.1"
    """Address to listen on; loopback by default."""
    port: int = Field(8080, ge=0, le=65_535)
    """Port to listen on."""
    public_url: Annotated[str, AfterValidator(links.normalize_base_url)] | None = None
    """Base URL of all links in responses, such as https://music.example.org or, below a sub-path of a proxy,
    https://example.org/studio; default: the host that a request uses."""
    cors_origins: Annotated[CommaSeparated, AfterValidator(_check_origins)] = ()
    """Origins whose pages may call the API (CORS), such as https://app.example.org, separated by commas; * for all.
    Signed URLs of files and streams work for all pages."""
    cors_headers: CommaSeparated = ()
    """Further request headers that these pages may send, such as X-Client-Version, separated by commas; * for all."""
    max_body_bytes: PositiveInt = 1_048_576
    """Largest request body in bytes; a larger one is rejected with 413."""
    playback_seconds: PositiveInt = 900
    """Lifetime of a playback URL, in seconds."""
    shutdown_seconds: PositiveInt = 10
    """Seconds that running requests have to finish during a shutdown; then they are aborted."""
    socket_ping_seconds: PositiveFloat = 20
    """Interval of WebSocket pings in seconds, and the time limit for the pong; a silent connection is closed."""
    header_seconds: PositiveFloat = 10
    """Seconds in which a request head must arrive; a slower request is rejected with 408."""
    body_seconds: PositiveFloat = 30
    """Seconds in which a request body must arrive, or its next part at the least rate; a slower one is rejected with
    408."""
    min_body_bytes_per_second: PositiveInt = 4_096
    """Least rate of a request body that takes longer than that, in bytes per second."""
    max_header_bytes: PositiveInt = 65_536
    """Largest request head in bytes; a larger one is rejected with 431."""
    allowed_hosts: CommaSeparated = ()
    """Further host names that requests may use, such as studio.lan or *.example.org, separated by commas; * for all.
    The public host, localhost and IP addresses are always allowed."""
    trusted_proxies: Annotated[CommaSeparated, AfterValidator(_check_proxies)] = ()
    """IP addresses or networks of proxies whose X-Forwarded headers are trusted, separated by commas; * for all. Their
    connections are not limited."""
    max_connections_per_address: PositiveInt = 500
    """Most open HTTP connections of one IP address (IPv6: of one /64 network) in each server process; further ones are
    answered with 429. WebSockets have their own limit."""
    requests_per_minute: PositiveInt = 100
    """Requests per minute of one caller, on average; further requests are rejected with 429."""
    requests_burst: PositiveInt = 120
    """Requests that one caller may send in a burst."""
    single_statements: PositiveInt = 16
    """Postgres connections for single statements without a session, in each server process."""
    share_resolves_per_minute: PositiveInt = 60
    """Share links that one IP address may open per minute; further requests are rejected with 429."""
    key_refresh_seconds: PositiveInt = 60
    """Shortest interval in seconds between two updates of an API key's time of last use."""


class DocumentSettings(_Section):
    """Limits of one GraphQL document after its fragments are expanded."""

    max_depth: PositiveInt = 15
    """Deepest nesting of fields in a document."""
    max_aliases: PositiveInt = 50
    """Most aliased fields in a document."""
    max_root_fields: PositiveInt = 20
    """Most root fields in a document."""
    max_directives: PositiveInt = 50
    """Most directives in a document."""
    max_fragment_spreads: PositiveInt = 100
    """Most fragment spreads in a document."""
    max_width: PositiveInt = 200
    """Most fields in one selection set."""
    max_fields: PositiveInt = 1_000
    """Most fields in a document, regardless of page sizes."""
    max_definitions: PositiveInt = 100
    """Most operations and fragment definitions in a document."""
    max_characters: PositiveInt = 50_000
    """Longest document in characters."""
    max_tokens: PositiveInt = 2_000
    """Most lexical tokens in a document, comments included."""
    max_selections: PositiveInt = 1_000
    """Most fields and fragments in a document as it is written, unused fragments included."""
    max_arguments: PositiveInt = 200
    """Most arguments of fields and directives in a document."""
    max_input_fields: PositiveInt = 100
    """Most fields of input objects that are written in a document; use variables for more."""
    max_list_items: PositiveInt = 500
    """Most items of lists that are written in a document; use variables for more."""
    max_variables: PositiveInt = 100
    """Most variable definitions in a document."""
    max_merges: PositiveInt = 1_000
    """Most pairs of fields with the same response name, which validation compares."""
    max_variable_keys: PositiveInt = 1_000
    """Most variables and keys of objects in the variables of a request."""
    max_variable_list_items: PositiveInt = 10_000
    """Most list items in the variables of a request."""
    max_variable_depth: PositiveInt = 10
    """Deepest nesting of objects and lists in a variable."""
    max_cost: PositiveInt = 20_000
    """Most fields in a response, estimated from page sizes."""
    compiled: bool = True
    """Execute repeated documents with compiled plans; the responses are the same."""


class GraphQLSettings(_Section):
    """The GraphQL API."""

    introspection: Literal["open", "scoped", "off"] = "open"
    """Who may read the schema and receives detailed validation errors: everyone (`open`), API keys with the scope
    `introspection` (`scoped`), or no one (`off`)."""
    fields_per_token: PositiveInt = 500
    """A request costs one token of its caller's rate limit, and one more for each this many fields."""
    trusted_documents: Literal["off", "prefer", "only"] = "off"
    """Accept documents of the manifest by their hash beside others (`prefer`), or accept nothing else (`only`)."""
    trusted_documents_file: Path | None = None
    """Manifest of trusted documents, in the JSON format of Apollo, Relay or graphql-codegen."""
    max_batch: int = Field(0, ge=0, le=100)
    """Operations in one batched request; 0 disables batching."""


class SocketSettings(_Section):
    """WebSockets of the GraphQL API; the limits apply to one server process."""

    init_seconds: PositiveFloat = 5
    """Seconds in which a client must send connection_init after it connects."""
    idle_seconds: PositiveFloat = 600
    """Seconds after which a socket without an operation is closed."""
    check_seconds: PositiveFloat = 30
    """Interval in seconds at which the credentials of open sockets and streams are checked again."""
    max_message_bytes: PositiveInt = 262_144
    """Largest message of a client in bytes."""
    max_operations: PositiveInt = 100
    """Most concurrent operations on one socket."""
    max_per_caller: PositiveInt = 100
    """Most concurrent sockets and streams of one caller."""
    max_per_address: PositiveInt = 1_000
    """Most concurrent sockets and streams of one IP address."""


class MetricsSettings(_Section):
    """Prometheus metrics at /metrics; without a token only requests from this machine may read them."""

    token: str | None = Field(None, min_length=16)
    """Bearer token with which a scraper on another machine may read the metrics."""


class WebhookSettings(_Section):
    """Deliveries to URLs that organizations choose."""

    allowed_hosts: Annotated[CommaSeparated, AfterValidator(_parse_allowed_hosts)] = ()
    """Hosts that are allowed although they are private or without TLS, each on its named port, such as hooks.lan:8080,
    separated by commas. Without a port, 80 and 443 are allowed; hooks.lan:* allows every port."""
    timeout_seconds: PositiveFloat = 10
    """Seconds in which a receiver must respond; otherwise the attempt fails."""
    poll_seconds: PositiveFloat = 1
    """Interval in seconds at which due deliveries are looked up."""
    rotation_seconds: int = Field(86_400, ge=0, le=int(MAX_ROTATION.total_seconds()))
    """Seconds in which deliveries are signed with the previous secret too after a rotation, unless it names others."""


class TelemetrySettings(_Section):
    """OpenTelemetry traces, exported by OTLP over HTTP; disabled without an endpoint."""

    endpoint: str | None = Field(None, pattern=r"^https?://[^\s]+[^/\s]$")
    """Base URL of the collector, such as http://127.0.0.1:4318."""
    service_name: str = "music-studio"
    """Service name of spans; -server or -worker is appended."""


class TokenSettings(_Section):
    """Bearer tokens (JWT) of an identity provider; rejected unless a secret or a JWKS URL is set."""

    secret: str | None = Field(None, min_length=32)
    """Shared secret of HS256 tokens, 32 characters or more."""
    jwks_url: str | None = Field(None, pattern=r"^https?://")
    """JWKS URL of the issuer's public keys (RSA, EC, EdDSA)."""
    issuer: str | None = None
    """Required value of the claim `iss`; default: any."""
    audience: str | None = None
    """Required value of the claim `aud`; default: any."""
    organizations_claim: str = Field("orgs", min_length=1)
    """Claim with the ids of the user's organizations: a string, an array, an object with the ids as member names, or
    null. Dots separate nested claims."""
    name_claim: str = Field("name", min_length=1)
    """Claim with the name of the user."""
    leeway_seconds: int = Field(30, ge=0, le=300)
    """Tolerated clock difference in seconds when `exp` and `nbf` are checked."""


class EngineSettings(_Section):
    """Engines that generate music, and their prices."""

    enabled: CommaSeparated = ("studio",)
    """Keys of the enabled engines, separated by commas."""
    default: str = "studio"
    """Key of the engine for requests that name none."""
    cost_chf_per_minute: dict[str, Annotated[Decimal, Field(ge=0)]] = {"studio": Decimal("0.20")}
    """Price of a minute of music in CHF by engine key, such as {"studio": 0.2}; an engine that is not listed is
    free."""


class WorkerSettings(_Section):
    """Worker processes, which render audio."""

    count: PositiveInt = 2
    """Worker processes that `./studio up` starts."""
    lease_seconds: PositiveFloat = 15
    """Seconds after the last heartbeat at which a worker loses its job to another one."""
    heartbeat_seconds: PositiveFloat = 2
    """Longest interval in seconds between the heartbeats of a worker."""
    progress_seconds: PositiveFloat = 0.1
    """Shortest interval in seconds between two progress events of a job."""
    recovery_seconds: PositiveFloat = 3
    """Interval in seconds at which lost jobs are looked up and queued again."""
    max_attempts: PositiveInt = 3
    """Attempts of a job before it fails permanently."""
    retry_seconds: PositiveFloat = 5
    """Delay in seconds before a job is retried because a required service was unavailable or a disk was full; doubled
    after each further failure up to five minutes."""
    min_free_bytes: int = Field(67_108_864, ge=0)
    """Free space in bytes that the disks of the storage folder and of `scratch_dir` need; with less, jobs wait and
    /readyz reports that the storage is full."""
    max_queued: PositiveInt = 10_000
    """Most queued jobs; further requests are rejected until the queue is shorter."""
    max_queued_per_organization: PositiveInt = 1_000
    """Most queued jobs of one organization."""
    max_conversions_per_organization: PositiveInt = 100
    """Pending file conversions of one organization."""
    tidy_seconds: PositiveFloat = 3600
    """Interval in seconds at which unused files are looked up."""
    unused_seconds: PositiveFloat = 86_400
    """Age in seconds at which files without a track, or of a deleted one, are removed; must exceed the duration of a
    job."""
    job_seconds: PositiveInt = 1800
    """Time limit of one render in seconds."""
    scratch_dir: Path | None = None
    """Folder for temporary audio files; default: that of the system."""


class BlobSettings(_Section):
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


class C2paSettings(_Section):
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


def _check_key(value: str) -> str:
    if not _BASE64URL_KEY.fullmatch(value):
        raise ValueError("must be 32 bytes in base64url (43 characters), as printed by `./studio receipts keys`")
    return value


KeyText = Annotated[str, AfterValidator(_check_key)]


class ReceiptSettings(_Section):
    """Receipts, and the public verification of files."""

    key: KeyText | None = None
    """Ed25519 private key that signs receipts, 32 bytes in base64url, the same for all servers and workers; default:
    created in the data folder."""
    retired_keys: Annotated[tuple[KeyText, ...], NoDecode, BeforeValidator(_split)] = ()
    """Public keys of earlier private keys that stay published, in base64url, separated by commas."""
    verifications_per_minute: PositiveInt = 60
    """Files that one IP address may verify per minute; further requests are rejected with 429."""
    max_file_bytes: PositiveInt = 268_435_456
    """Largest file in bytes that may be uploaded for verification."""


class RetentionSettings(_Section):
    """How many days records are kept; a loop deletes older ones every MUSIC_STUDIO_WORKERS__TIDY_SECONDS."""

    share_accesses_days: PositiveInt = 90
    """Days for which attempts to open share links are recorded."""
    visitor_addresses_days: PositiveInt = 7
    """Days after which the IP addresses in these records are shortened to their network (/24, IPv6 /48)."""
    webhook_deliveries_days: PositiveInt = 30
    """Days for which webhook deliveries are kept after they were created, unless they are still pending."""
    exports_days: PositiveInt = 30
    """Days for which finished exports are listed; their archives expire earlier."""
    conversions_days: PositiveInt = 30
    """Days for which failed conversions, and those of deleted tracks, are recorded; converted files are kept with their
    track."""
    removed_files_days: PositiveInt = 1825
    """Days for which removed files of tracks can still be verified."""
    idempotency_keys_days: PositiveInt = 7
    """Days for which a request with the same idempotency key returns the earlier job."""


class ExportSettings(_Section):
    """Archives of a user's data."""

    kept_seconds: PositiveInt = 259_200
    """Seconds for which a finished export can be downloaded."""
    poll_seconds: PositiveFloat = 2
    """Interval in seconds at which workers look up requested exports."""
    max_attempts: PositiveInt = 3
    """Attempts of an export before it fails permanently."""


class FocusSettings(_Section):
    """Focus sessions."""

    look_ahead: PositiveInt = 3
    """Segments that are rendered ahead of the one that plays."""
    idle_seconds: PositiveInt = 600
    """Seconds without a request after which a session renders no further segments."""
    stream_seconds: PositiveInt = 86_400
    """Lifetime of the URL of a session's stream, in seconds."""
    stream_wait_seconds: Annotated[float, Field(ge=0, le=60)] = 15
    """Seconds for which the first request of a stream waits for its first segment; then the response is 503 with
    `Retry-After`. Players give up after 20 seconds."""


class Settings(BaseSettings):
    """All sections. Frozen: settings do not change while a process runs."""

    model_config = SettingsConfigDict(
        env_prefix="MUSIC_STUDIO_",
        env_nested_delimiter="__",
        env_file=PROJECT / ".env",
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        use_attribute_docstrings=True,
    )

    data_dir: Path = PROJECT / "var"
    """Folder of the embedded services and of all data that is stored locally."""
    database_url: Annotated[str, AfterValidator(check_url)] | None = Field(
        None,
        validation_alias=AliasChoices("MUSIC_STUDIO_DATABASE_URL", "DATABASE_URL"),
    )
    """URL of your own Postgres, postgresql://user:password@host/name; default: the embedded one."""
    redis_url: str | None = Field(
        None, pattern=r"^(rediss?|unix)://", validation_alias=AliasChoices("MUSIC_STUDIO_REDIS_URL", "REDIS_URL")
    )
    """URL of your own Redis or Valkey, redis://host:6379/0; default: the embedded one."""
    storage: Annotated[str, AfterValidator(_check_storage)] | None = None
    """Where files are stored: a folder, or gs://bucket/prefix; default: blobs in the data folder."""
    storage_emulator_host: Annotated[str, BeforeValidator(_to_url)] | None = Field(
        None,
        pattern=r"^https?://[^\s/]+$",
        validation_alias=AliasChoices("MUSIC_STUDIO_STORAGE_EMULATOR_HOST", "STORAGE_EMULATOR_HOST"),
    )
    """Host and port, or URL, of an emulator of Google Cloud Storage, used instead of Google's; files are then
    downloaded through this server unless a key file can sign URLs. MUSIC_STUDIO_BLOBS__ENDPOINT takes precedence."""
    signing_key: str | None = Field(None, min_length=32)
    """Secret that signs the URLs of files and streams, 32 characters or more, the same for all servers; default:
    created in the data folder."""
    policy_file: Path | None = None
    """File with the rules of the content policy; default: the shipped rules."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Lowest level of log records that are written."""
    log_format: Literal["json", "text"] = "json"
    """`json`: one JSON object per line; `text`: human-readable lines."""
    database: DatabaseSettings = DatabaseSettings()
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
    retention: RetentionSettings = RetentionSettings()

    @property
    def public_url(self) -> str:
        """The base URL of links that belong to no request, and the issuer of receipts; without a trailing slash."""
        if self.server.public_url:
            return self.server.public_url.rstrip("/")
        return links.base_url("http", WILDCARD_HOSTS.get(self.server.host, self.server.host), self.server.port)

    @property
    def storage_dir(self) -> Path:
        """The folder of the local blob store; meaningless for a bucket."""
        return Path(self.storage) if self.storage else self.data_dir / "blobs"
