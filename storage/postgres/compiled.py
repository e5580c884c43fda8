"""Statements that SQLAlchemy writes once: their text is kept, and each run costs nothing but the way to Postgres.

Conditions stand where they stand for sessions, too; here they get ``bindparam``s instead of values.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import asyncpg
from sqlalchemy import ARRAY, BindParameter, Select, TableValuedAlias, Update, bindparam, column, func
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.types import TypeEngine

from storage.postgres.database import Database

_DIALECT: Final = dialect()  # type: ignore[no-untyped-call]


def text_parameter(name: str) -> BindParameter[str]:
    """A text that is known when the statement runs."""
    return bindparam(name)


def input_rows(**types: TypeEngine[Any]) -> TableValuedAlias:
    """What many ask at once: columns of these types, each from a list of that name; ``place`` counts from 1."""
    lists = [bindparam(name, type_=ARRAY(kind)) for name, kind in types.items()]
    columns = [column(name, kind) for name, kind in types.items()]
    return func.unnest(*lists).table_valued(*columns, with_ordinality="place").render_derived("asked")


@dataclass(frozen=True, slots=True)
class Statement:
    """The text, and the names of its values in their order with what was known from the beginning."""

    text: str
    names: tuple[str, ...]
    constants: Mapping[str, Any]

    async def fetch(self, database: Database, **values: Any) -> list[asyncpg.Record]:  # noqa: ANN401
        """Run it, as a transaction of its own. Raises Unavailable when Postgres is away."""
        given = {**self.constants, **values}
        return await database.fetch(self.text, [given[name] for name in self.names])

    async def fetch_each(self, database: Database, questions: Sequence[NamedTuple]) -> list[tuple[Any, ...] | None]:
        """What it tells of each of what is ``asked``, first the place; None of what it tells nothing of."""
        columns = zip(*questions, strict=True)
        values = {name: list(column) for name, column in zip(questions[0]._fields, columns, strict=True)}
        answers: list[tuple[Any, ...] | None] = [None] * len(questions)
        for row in await self.fetch(database, **values):
            answers[row[0] - 1] = tuple(row)
        return answers


def compile_statement(statement: Select[Any] | Update) -> Statement:
    """The statement as Postgres gets it; ask once, and keep it."""
    ready = statement.compile(dialect=_DIALECT)
    return Statement(str(ready), tuple(ready.positiontup or ()), dict(ready.params))
