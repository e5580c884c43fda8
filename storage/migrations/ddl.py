"""Columns and constraints that migrations share, named by the convention in storage.tables.columns.

Applied migrations call these functions, so that what a function creates must never change.
"""

from typing import Any, Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import UserDefinedType

OWNER: Final = ("organization_id", "user_id", "created_at", "id")
"""The columns of an index for pages of a user's rows."""


class _SqlType(UserDefinedType[Any]):
    """A type by its name in SQL."""

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: object) -> str:
        return self.name


def columns(definitions: str) -> list[sa.Column[Any]]:
    """Return columns of definitions such as "title text null, seed bigint"; without "null" they are NOT NULL."""
    parts = (definition.split(" ") for definition in definitions.split(", "))
    return [sa.Column(name, _SqlType(kind), nullable=bool(null)) for name, kind, *null in parts]


def add_columns(table: str, definitions: str) -> None:
    """Add ``columns`` to a table."""
    for column in columns(definitions):
        op.add_column(table, column)


def key(*names: str) -> list[sa.Column[str]]:
    """Return the texts of a primary key."""
    return [sa.Column(name, sa.Text(), primary_key=True) for name in names]


def reference(column: str, table: str, **options: Any) -> sa.Column[str]:  # noqa: ANN401  of sa.Column
    """Return a column with a foreign key to the ``id`` of a table. It is NOT NULL unless it is ``nullable``."""
    return sa.Column(column, sa.Text(), sa.ForeignKey(f"{table}.id"), **{"nullable": False, **options})


def owned() -> list[sa.Column[str]]:
    """Return the id of a row and the columns of its owner."""
    return [*key("id"), reference("organization_id", "organizations"), reference("user_id", "users")]


def one_of(column: str, *values: str) -> sa.CheckConstraint:
    """Return a CHECK constraint that allows only these values, and NULL."""
    literals = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({literals})", name=column)


def replace_file_roles(*roles: str) -> None:
    """Change the roles that files of tracks may have."""
    op.drop_constraint("ck_track_files_role", "track_files")
    op.create_check_constraint("role", "track_files", one_of("role", *roles).sqltext)
