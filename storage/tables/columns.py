"""How columns are made: closed sets as text with a CHECK, moments in UTC, names of constraints."""

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ARRAY,
    BindParameter,
    CheckConstraint,
    ColumnElement,
    DateTime,
    Dialect,
    MetaData,
    Text,
    TypeDecorator,
    any_,
    bindparam,
    literal,
)
from sqlalchemy.sql.elements import SQLCoreOperations
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
    """A member of a closed set, kept as its value."""

    impl = Text
    cache_ok = True

    def __init__(self, members: type[StrEnum]) -> None:
        super().__init__()
        self.members = members

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:  # noqa: ARG002  SQLAlchemy's
        """On the way in."""
        return None if value is None else self.members(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:  # noqa: ARG002  SQLAlchemy's
        """On the way out."""
        return None if value is None else self.members(value)


def sql_literals(values: Iterable[str]) -> str:
    """The values as SQL literals."""
    return ", ".join(f"'{value}'" for value in sorted(values))


def enum_check(column: str, values: type[StrEnum]) -> CheckConstraint:
    """A CHECK that holds a column to a closed set."""
    return CheckConstraint(f"{column} IN ({sql_literals(values)})", name=column)


def is_any_of(column: SQLCoreOperations[str], texts: Collection[str] | ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the column holds one of the texts, which are known now, or an array when the statement runs."""
    known = texts if isinstance(texts, ColumnElement) else literal(list(texts), ARRAY(Text))
    is_one: ColumnElement[bool] = column == any_(known)
    return is_one


def text_array(name: str) -> BindParameter[Any]:
    """Texts that are known when the statement runs."""
    return bindparam(name, type_=ARRAY(Text))


def timestamp(*, is_nullable: bool = False, **options: Any) -> Any:  # noqa: ANN401  as sqlmodel.Field itself
    """A timestamp with time zone; now by default, or null."""
    if not is_nullable:
        options.setdefault("default_factory", clock.now)
    else:
        options.setdefault("default", None)
    return Field(sa_type=DateTime(timezone=True), nullable=is_nullable, **options)
