"""All settings of an installation."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from core.network import links
from core.network.database_url import check_url
from core.settings.database import DatabaseSettings
from core.settings.files import (
    BlobSettings,
    C2paSettings,
    ReceiptSettings,
    ReferenceAudioSettings,
    check_storage,
    to_url,
)
from core.settings.focus import FocusSettings
from core.settings.graphql import DocumentSettings, GraphQLSettings
from core.settings.observability import MetricsSettings, TelemetrySettings
from core.settings.retention import ExportSettings, RetentionSettings
from core.settings.server import WILDCARD_HOSTS, ServerSettings, SocketSettings
from core.settings.tokens import OpenIdSettings, TokenSettings
from core.settings.values import HOME, split_commas
from core.settings.webhooks import WebhookSettings
from core.settings.workers import EngineSettings, WorkerSettings

SigningKey = Annotated[str, Field(min_length=32)]


class Settings(BaseSettings):
    """All sections. Frozen: settings do not change while a process runs."""

    model_config = SettingsConfigDict(
        env_prefix="MUSIC_STUDIO_",
        env_nested_delimiter="__",
        env_file=HOME / ".env",
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    data_dir: Path = HOME / "var"
    """Folder of the embedded services and of all data that is stored locally; of an installed wheel by default
    `~/.local/share/music-studio/var`."""
    database_url: Annotated[str, AfterValidator(check_url)] | None = Field(
        None,
        validation_alias=AliasChoices("MUSIC_STUDIO_DATABASE_URL", "DATABASE_URL"),
    )
    """URL of your own Postgres, postgresql://user:password@host/name; default: the embedded one."""
    redis_url: str | None = Field(
        None, pattern=r"^(rediss?|unix)://", validation_alias=AliasChoices("MUSIC_STUDIO_REDIS_URL", "REDIS_URL")
    )
    """URL of your own Redis or Valkey, redis://host:6379/0; default: the embedded one."""
    storage: Annotated[str, AfterValidator(check_storage)] | None = None
    """Where files are stored: a folder, or gs://bucket/prefix; default: blobs in the data folder."""
    storage_emulator_host: Annotated[str, BeforeValidator(to_url)] | None = Field(
        None,
        pattern=r"^https?://[^\s/]+$",
        validation_alias=AliasChoices("MUSIC_STUDIO_STORAGE_EMULATOR_HOST", "STORAGE_EMULATOR_HOST"),
    )
    """Host and port, or URL, of an emulator of Google Cloud Storage, used instead of Google's; files are then
    downloaded through this server unless a key file can sign URLs. MUSIC_STUDIO_BLOBS__ENDPOINT takes precedence."""
    signing_keys: Annotated[tuple[SigningKey, ...], NoDecode, BeforeValidator(split_commas)] = Field(
        (), validation_alias=AliasChoices("MUSIC_STUDIO_SIGNING_KEYS", "MUSIC_STUDIO_SIGNING_KEY")
    )
    """Secrets that sign the URLs of files and streams, 32 characters or more each, separated by commas, the same for
    all servers. The first signs, all are accepted, so that keys can be changed while URLs are in use; default: created
    in the data folder."""
    policy_file: Path | None = None
    """File with the rules of the content policy; default: the shipped rules."""
    embed_prompts: bool = False
    """Whether the tags of new files contain the prompt, and of a remote engine the whole request with the lyrics;
    default: only their SHA-256, so that files can be passed on."""
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
    openid: OpenIdSettings = OpenIdSettings()
    engines: EngineSettings = EngineSettings()
    workers: WorkerSettings = WorkerSettings()
    blobs: BlobSettings = BlobSettings()
    c2pa: C2paSettings = C2paSettings()
    focus: FocusSettings = FocusSettings()
    receipts: ReceiptSettings = ReceiptSettings()
    reference_audio: ReferenceAudioSettings = ReferenceAudioSettings()
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
