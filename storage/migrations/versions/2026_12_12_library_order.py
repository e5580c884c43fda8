"""Sort keys of library entries that come from their tracks, with an index for each.

Revision ID: 2026_12_12_library_order
Revises: 2026_12_11_spends
"""

from alembic import op
from sqlalchemy import Column, ForeignKey, Text

from storage.migrations.ddl import columns, reference

revision = "2026_12_12_library_order"
down_revision = "2026_12_11_spends"

_KEYS = ("track_created_at", "title", "duration_seconds")
_STATEMENTS = (
    """
    CREATE FUNCTION add_sort_keys() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        -- the lock makes a concurrent change of the title wait, whose trigger then finds this entry
        INSERT INTO library_sort_keys
            (entry_id, organization_id, user_id, track_created_at, title, duration_seconds)
        SELECT NEW.id, NEW.organization_id, NEW.user_id, created_at, lower(coalesce(title, '')),
            coalesce(measured_duration_seconds, 0)
        FROM tracks WHERE id = NEW.track_id FOR SHARE
        ON CONFLICT (entry_id) DO UPDATE SET organization_id = excluded.organization_id, user_id = excluded.user_id,
            track_created_at = excluded.track_created_at, title = excluded.title,
            duration_seconds = excluded.duration_seconds;
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION update_sort_keys() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        -- locks in the order of a transaction that removes an entry
        PERFORM FROM library_entries WHERE track_id = NEW.id ORDER BY id FOR NO KEY UPDATE;
        UPDATE library_sort_keys AS keys SET track_created_at = NEW.created_at,
            title = lower(coalesce(NEW.title, '')), duration_seconds = coalesce(NEW.measured_duration_seconds, 0)
        FROM library_entries AS entry WHERE entry.track_id = NEW.id AND keys.entry_id = entry.id;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER add_sort_keys AFTER INSERT OR UPDATE OF organization_id, user_id, track_id ON library_entries
    FOR EACH ROW EXECUTE FUNCTION add_sort_keys()
    """,
    """
    CREATE TRIGGER update_sort_keys AFTER UPDATE OF title, created_at, measured_duration_seconds ON tracks
    FOR EACH ROW WHEN ((OLD.title, OLD.created_at, OLD.measured_duration_seconds)
        IS DISTINCT FROM (NEW.title, NEW.created_at, NEW.measured_duration_seconds))
    EXECUTE FUNCTION update_sort_keys()
    """,
    # after the locks and triggers, so that no row of a server of the last version is missing
    """
    INSERT INTO library_sort_keys (entry_id, organization_id, user_id, track_created_at, title, duration_seconds)
    SELECT entry.id, entry.organization_id, entry.user_id, track.created_at, lower(coalesce(track.title, '')),
        coalesce(track.measured_duration_seconds, 0)
    FROM library_entries AS entry JOIN tracks AS track ON track.id = entry.track_id
    """,
)


def upgrade() -> None:
    # in the order of servers and workers, before the foreign key locks the entries: a deadlock would end their request
    op.execute("LOCK TABLE tracks, library_entries IN SHARE ROW EXCLUSIVE MODE")
    op.create_table(
        "library_sort_keys",
        Column("entry_id", Text(), ForeignKey("library_entries.id", ondelete="CASCADE"), primary_key=True),
        reference("organization_id", "organizations"),
        reference("user_id", "users"),
        *columns("track_created_at timestamptz, title text, duration_seconds float8"),
    )
    for statement in _STATEMENTS:
        op.execute(statement)
    for key in _KEYS:
        op.create_index(
            f"ix_library_sort_keys_{key}", "library_sort_keys", ["organization_id", "user_id", key, "entry_id"]
        )
