"""Search, tags and favourites of libraries; covers.

Revision ID: 2026_11_21_catalogue
Revises: 2026_11_21
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

from storage.migrations import ddl

revision = "2026_11_21_catalogue"
down_revision = "2026_11_21"

ABOUT = """
UPDATE library_entries SET about = concat_ws(
    ' ', tracks.title,
    CASE WHEN tracks.user_id = library_entries.user_id
        THEN concat_ws(' ', generations.prompt, CAST(generations.style_tags AS text)) END
)
FROM tracks JOIN generations ON generations.id = tracks.generation_id
WHERE tracks.id = library_entries.track_id
"""
WORDS = sa.Computed("to_tsvector('simple'::regconfig, about) || to_tsvector('simple'::regconfig, tags)", persisted=True)


def upgrade() -> None:
    _library_entries()
    ddl.replace_file_roles("cover", "master", "score", "stem", "waveform")
    is_measured = "status = 'succeeded' AND attempts = 1"
    op.create_index("ix_generations_pace", "generations", ["engine", "finished_at"], postgresql_where=is_measured)


def _library_entries() -> None:
    # the defaults fill existing rows only; the application sets the columns of new ones
    for name, kind, default in (
        ("tags", JSONB(), "[]"),
        ("is_favourite", sa.Boolean(), "false"),
        ("about", sa.Text(), ""),
    ):
        op.add_column("library_entries", sa.Column(name, kind, server_default=default, nullable=False))
        op.alter_column("library_entries", name, server_default=None)
    op.execute(ABOUT)
    op.create_check_constraint("tags", "library_entries", "jsonb_array_length(tags) <= 20")
    op.add_column("library_entries", sa.Column("words", TSVECTOR(), WORDS, nullable=False))
    op.create_index("ix_library_entries_words", "library_entries", ["words"], postgresql_using="gin")
