"""Users of identity providers, identified by issuer and subject.

Revision ID: 2026_11_29_subjects
Revises: 2026_11_25_archives
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_subjects"
down_revision = "2026_11_25_archives"


def upgrade() -> None:
    op.add_column("users", sa.Column("issuer", sa.Text()))
    op.add_column("users", sa.Column("subject", sa.Text()))
    op.create_unique_constraint("uq_users_issuer_subject", "users", ["issuer", "subject"])
    op.create_check_constraint("subject", "users", "(issuer IS NULL) = (subject IS NULL)")
