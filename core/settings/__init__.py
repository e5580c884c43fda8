"""Settings of the product, grouped in sections. No other module reads the environment.

Set ``MUSIC_STUDIO_<SECTION>__<NAME>`` in the environment or in the file ``.env`` in the folder ``HOME``. A process does
not start with an invalid value, and its error message names the setting.
"""

from core.settings.database import DatabaseSettings
from core.settings.files import GCS_URL, BlobSettings, C2paSettings, ReceiptSettings, ReferenceAudioSettings
from core.settings.focus import FocusSettings
from core.settings.graphql import DocumentSettings, GraphQLSettings
from core.settings.installation import Settings
from core.settings.observability import MetricsSettings, TelemetrySettings
from core.settings.retention import ExportSettings, RetentionSettings
from core.settings.server import WILDCARD_HOSTS, ServerSettings, SocketSettings
from core.settings.tokens import OpenIdSettings, TokenSettings
from core.settings.values import COMMAND, HOME, IS_CHECKOUT, PROJECT
from core.settings.webhooks import WebhookSettings
from core.settings.workers import EngineSettings, WorkerSettings

__all__ = [
    "COMMAND",
    "GCS_URL",
    "HOME",
    "IS_CHECKOUT",
    "PROJECT",
    "WILDCARD_HOSTS",
    "BlobSettings",
    "C2paSettings",
    "DatabaseSettings",
    "DocumentSettings",
    "EngineSettings",
    "ExportSettings",
    "FocusSettings",
    "GraphQLSettings",
    "MetricsSettings",
    "OpenIdSettings",
    "ReceiptSettings",
    "ReferenceAudioSettings",
    "RetentionSettings",
    "ServerSettings",
    "Settings",
    "SocketSettings",
    "TelemetrySettings",
    "TokenSettings",
    "WebhookSettings",
    "WorkerSettings",
]
