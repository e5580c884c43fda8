"""SQLAlchemy statements that are compiled once and run without a session.

Their conditions come from the functions that session queries use, with ``bindparam``s instead of values.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import ARRAY, Select, TableValuedAlias, Update, bindparam, column, func
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.types import TypeEngine

from storage.postgres.database import Database

Result = TypeVar("Result")

_DIALECT: Final = dialect()  # type: ignore[no-untyped-call]


def input_rows(**types: TypeEngine[Any]) -> TableValuedAlias:
    """Return rows built from one list parameter for each column; the column ``ordinality`` counts rows from 1."""
    lists = [bindparam(name, type_=ARRAY(kind)) for name, kind in types.items()]
    columns = [column(name, kind) for name, kind in types.items()]
    return func.unnest(*lists).table_valued(*columns, with_ordinality="ordinality").render_derived("input")


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL text with the names of its parameters in order, and the values of those that are constant."""

    text: str
    names: tuple[str, ...]
    constants: Mapping[str, Any]

    async def fetch(self, database: Database, **values: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401
        """Run the statement as a transaction of its own. Raises Unavailable when Postgres is unreachable."""
        parameters = {**self.constants, **values}
        # several rows may be built from each record, which is faster from a tuple
        return list(map(tuple, await database.fetch(self.text, [parameters[name] for name in self.names])))

    async def fetch_each(
        self, database: Database, inputs: Sequence[NamedTuple], build: Callable[[tuple[Any, ...]], Result]
    ) -> list[Result | None]:
        """Build the result row of each row of ``input_rows``, its place first; None for a row without a result."""
        columns = zip(*inputs, strict=True)
        values = {name: list(column) for name, column in zip(inputs[0]._fields, columns, strict=True)}
        results: list[Result | None] = [None] * len(inputs)
        for row in await self.fetch(database, **values):
            results[row[0] - 1] = build(row)
        return results


def compile_statement(statement: Select[Any] | Update) -> Statement:
    """Compile a statement; do this once and store the result."""
    result = statement.compile(dialect=_DIALECT)
    return Statement(str(result), tuple(result.positiontup or ()), dict(result.params))
