"""Search, tags and favourites of libraries; covers.

Revision ID: 2026_11_21_catalogue
Revises: 2026_11_21
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_21_catalogue"
down_revision = "2026_11_21"
branch_labels = None
depends_on = None

ABOUT = """
UPDATE library_entries SET about = concat_ws(
    ' ', tracks.title,
    CASE WHEN tracks.user_id = library_entries.user_id
        THEN concat_ws(' ', generations.prompt, CAST(generations.style_tags AS text)) END
)
FROM tracks JOIN generations ON generations.id = tracks.generation_id
WHERE tracks.id = library_entries.track_id
"""


def upgrade() -> None:
    _library_entries()
    _covers()
    op.create_index(
        "ix_generations_pace",
        "generations",
        ["engine", "finished_at"],
        unique=False,
        postgresql_where=sa.text("status = 'succeeded' AND attempts = 1"),
    )


def _covers() -> None:
    roles = "role IN ('cover', 'master', 'score', 'stem', 'waveform')"
    op.drop_constraint(op.f("ck_track_files_role"), "track_files")
    op.create_check_constraint(op.f("ck_track_files_role"), "track_files", roles)


def _library_entries() -> None:
    # the defaults fill existing rows only; the application sets the columns of new ones
    op.add_column("library_entries", sa.Column("tags", postgresql.JSONB(), server_default="[]", nullable=False))
    op.add_column("library_entries", sa.Column("is_favourite", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("library_entries", sa.Column("about", sa.Text(), server_default="", nullable=False))
    for name in ("tags", "is_favourite", "about"):
        op.alter_column("library_entries", name, server_default=None)
    op.execute(ABOUT)
    op.create_check_constraint(op.f("ck_library_entries_tags"), "library_entries", "jsonb_array_length(tags) <= 20")
    op.add_column(
        "library_entries",
        sa.Column(
            "words",
            postgresql.TSVECTOR(),
            sa.Computed(
                "to_tsvector('simple'::regconfig, about) || to_tsvector('simple'::regconfig, tags)", persisted=True
            ),
            nullable=False,
        ),
    )
    op.create_index("ix_library_entries_words", "library_entries", ["words"], unique=False, postgresql_using="gin")
