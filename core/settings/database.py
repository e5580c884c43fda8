"""The database."""

from typing import Annotated, Literal

from pydantic import AfterValidator

from core.network.database_url import check_url
from core.settings.values import Section


class DatabaseSettings(Section):
    """Connections to your own Postgres."""

    pooling: Literal["session", "transaction"] = "session"
    """`session`: DATABASE_URL leads to Postgres, or to a pooler in session mode; `transaction`: to a pooler in
    transaction mode, such as PgBouncer or Supavisor."""
    direct_url: Annotated[str, AfterValidator(check_url)] | None = None
    """URL of Postgres past a pooler in transaction mode, for migrations and notifications (LISTEN); without it, sockets
    of a revoked key are closed within MUSIC_STUDIO_SOCKETS__CHECK_SECONDS, not at once."""
