"""Statements that SQLAlchemy writes once: their text is kept, and each run costs nothing but the way to Postgres.

Conditions stand where they stand for sessions, too; here they get ``bindparam``s instead of values.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
from sqlalchemy import BindParameter, Select, Update, bindparam
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from storage.databases import Database

_DIALECT: Final = dialect()  # type: ignore[no-untyped-call]


def text(name: str) -> BindParameter[str]:
    """A text that is known when the statement runs."""
    return bindparam(name)


@dataclass(frozen=True, slots=True)
class Statement:
    """The text, and the names of its values in their order with what was known from the beginning."""

    text: str
    names: tuple[str, ...]
    known: Mapping[str, Any]

    async def rows(self, database: Database, **values: Any) -> list[asyncpg.Record]:  # noqa: ANN401
        """Run it, as a transaction of its own. Raises Unavailable when Postgres is away."""
        given = {**self.known, **values}
        return await database.run(self.text, [given[name] for name in self.names])


def compiled(statement: Select[Any] | Update) -> Statement:
    """The statement as Postgres gets it; ask once, and keep it."""
    ready = statement.compile(dialect=_DIALECT)
    return Statement(str(ready), tuple(ready.positiontup or ()), dict(ready.params))
