"""Column types and constraints: enums as text with a CHECK, timestamps in UTC, names of constraints."""

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import BindParameter, CheckConstraint, ColumnElement, Dialect, MetaData, any_, bindparam, literal
from sqlalchemy.sql.elements import SQLCoreOperations
from sqlalchemy.types import ARRAY, DateTime, Text, TypeDecorator
from sqlmodel import Field, SQLModel

from core import clock

metadata: MetaData = SQLModel.metadata
metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class EnumText(TypeDecorator[StrEnum]):
    """A StrEnum member, stored as its value."""

    impl = Text
    cache_ok = True

    def __init__(self, members: type[StrEnum]) -> None:
        super().__init__()
        self.members = members

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:  # noqa: ARG002  SQLAlchemy's
        return None if value is None else self.members(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:  # noqa: ARG002  SQLAlchemy's
        return None if value is None else self.members(value)


class OwnedRow(SQLModel):
    """A row of a user in an organization."""

    id: str = Field(primary_key=True, sa_type=Text)
    organization_id: str = Field(foreign_key="organizations.id", sa_type=Text)
    user_id: str = Field(foreign_key="users.id", sa_type=Text)


def sql_literals(values: Iterable[str]) -> str:
    """Return the values as a sorted list of SQL literals."""
    return ", ".join(f"'{value}'" for value in sorted(values))


def enum_check(column: str, values: type[StrEnum]) -> CheckConstraint:
    """Return a CHECK constraint that allows only members of the enum, and NULL."""
    return CheckConstraint(f"{column} IN ({sql_literals(values)})", name=column)


def is_any_of(column: SQLCoreOperations[str], texts: Collection[str] | ColumnElement[Any]) -> ColumnElement[bool]:
    """Compare a column with texts, which are values or an array parameter: ``column = ANY(texts)``."""
    array = texts if isinstance(texts, ColumnElement) else literal(list(texts), ARRAY(Text))
    condition: ColumnElement[bool] = column == any_(array)
    return condition


def text_array(name: str) -> BindParameter[Any]:
    """Return a parameter that takes a list of texts."""
    return bindparam(name, type_=ARRAY(Text))


def timestamp(*, is_nullable: bool = False) -> Any:  # noqa: ANN401  as sqlmodel.Field itself
    """Declare a timestamp with time zone; its default is the current time, or None if nullable."""
    default = {"default": None} if is_nullable else {"default_factory": clock.now}
    return Field(sa_type=DateTime(timezone=True), nullable=is_nullable, **default)
