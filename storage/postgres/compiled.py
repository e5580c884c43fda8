"""SQLAlchemy statements that are compiled once and run without a session, and the rows that they return.

Their conditions come from the functions that session queries use, with ``bindparam``s instead of values.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final, Generic, NamedTuple, TypeVar, cast

import orjson
from sqlalchemy import (
    ARRAY,
    Column,
    Select,
    TableValuedAlias,
    Update,
    bindparam,
    column,
    func,
    inspect,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel

from storage.postgres.database import Database
from storage.tables.columns import EnumText

Result = TypeVar("Result")
Row = TypeVar("Row", bound=SQLModel)

_DIALECT: Final = dialect()  # type: ignore[no-untyped-call]


def input_rows(**types: TypeEngine[Any]) -> TableValuedAlias:
    """Return rows built from one list parameter for each column; the column ``ordinality`` counts rows from 1."""
    lists = [bindparam(name, type_=ARRAY(kind)) for name, kind in types.items()]
    columns = [column(name, kind) for name, kind in types.items()]
    return func.unnest(*lists).table_valued(*columns, with_ordinality="ordinality").render_derived("input")


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL text with the names of its parameters in order, and the values of those that are constant.

    ``has_generic_plan`` is whether one plan is the best for all values: Postgres then plans once for a connection.
    """

    text: str
    names: tuple[str, ...]
    constants: Mapping[str, Any]
    has_generic_plan: bool

    async def fetch(self, database: Database, **values: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401
        """Run the statement as a transaction of its own. Raises Unavailable when Postgres is unreachable."""
        parameters = {**self.constants, **values}
        # several rows may be built from each record, which is faster from a tuple
        ordered = [parameters[name] for name in self.names]
        return list(map(tuple, await database.fetch(self.text, ordered, generic_plan=self.has_generic_plan)))

    async def fetch_each(
        self,
        database: Database,
        inputs: Sequence[NamedTuple],
        build: Callable[[tuple[Any, ...]], Result],
        **others: Any,  # noqa: ANN401
    ) -> list[Result | None]:
        """Build the result row of each row of ``input_rows``, its place first; None for a row without a result.

        ``others`` are the values of the remaining parameters.
        """
        results: list[Result | None] = [None] * len(inputs)
        for row in await self.fetch_for(database, inputs, **others):
            results[row[0] - 1] = build(row)
        return results

    async def fetch_for(
        self,
        database: Database,
        inputs: Sequence[NamedTuple],
        **others: Any,  # noqa: ANN401
    ) -> list[tuple[Any, ...]]:
        """Run the statement once for all of ``input_rows``. ``others`` are the values of the remaining parameters."""
        columns = zip(*inputs, strict=True)
        values = {name: list(column) for name, column in zip(inputs[0]._fields, columns, strict=True)}
        return await self.fetch(database, **values, **others)


def compile_statement(statement: Select[Any] | Update, *, has_generic_plan: bool = False) -> Statement:
    """Compile a statement; do this once and store the result."""
    result = statement.compile(dialect=_DIALECT)
    return Statement(str(result), tuple(result.positiontup or ()), dict(result.params), has_generic_plan)


def compile_for_each(select_row: Callable[[Callable[[str], Any]], Select[Any]], **types: TypeEngine[Any]) -> Statement:
    """Compile a statement that is run once for several callers, each with one row: ``Statement.fetch_each``.

    ``select_row`` builds the statement of one caller from a function that returns a parameter by name; ``types`` are
    the types of the parameters. The plan is generic, because it serves the values of all callers.
    """
    # by name: SQLAlchemy does not correlate a column in a subquery of the lateral one
    parameters = {name: literal_column(f'input."{name}"', kind) for name, kind in types.items()}
    inputs, row = input_rows(**types), select_row(parameters.__getitem__).lateral("found")
    statement = select(inputs.c.ordinality, row).select_from(inputs).join(row, true())
    return compile_statement(statement, has_generic_plan=True)


class RowType(Generic[Row]):
    """Class of immutable rows with some or all columns of a table. Access to another column raises AttributeError.

    Select ``columns``; ``start`` is their offset in a statement that selects other columns before them. Creating a row
    costs about as much as creating a tuple; JSON and enums are parsed when they are accessed.
    """

    def __init__(self, table: type[Row], *names: str, start: int = 0) -> None:
        all_columns = _columns(table)
        selected = {name: all_columns[name] for name in names or all_columns}
        self.columns = [getattr(table, name) for name in selected]
        self.start, self.end = start, start + len(selected)
        self.build = cast("Callable[[Sequence[Any]], Row]", _row_class(table.__name__, selected, start))
        """Build a row from all values of a result row."""
        self._json_names = [name for name, column in selected.items() if isinstance(column.type, JSONB)]
        fields = {name: table.model_fields[name] for name in selected}
        self._required = {name for name, field in fields.items() if field.is_required()}
        self._defaults = {name: field.default for name, field in fields.items()}
        self._factories = {
            name: cast("Callable[[], Any]", field.default_factory)
            for name, field in fields.items()
            if field.default_factory
        }

    def create(self, **values: Any) -> Row:  # noqa: ANN401  of any column
        """Build a row that is not stored from attributes, which have the defaults of the table if they are left out.

        Raises TypeError for an unknown attribute and without a required one.
        """
        if not self._required <= values.keys() <= self._defaults.keys():
            wrong = (values.keys() - self._defaults.keys()) | (self._required - values.keys())
            raise TypeError(f"unknown or missing: {', '.join(sorted(wrong))}")
        made = {name: create() for name, create in self._factories.items() if name not in values}
        given = {**self._defaults, **made, **values}
        for name in self._json_names:
            if given[name] is not None:
                given[name] = orjson.dumps(given[name]).decode()
        return self.build(list(given.values()))

    def replace(self, row: Row, **changes: Any) -> Row:  # noqa: ANN401  of any column
        """Return a copy of a row, of this or another class, with other values of some attributes."""
        return self.create(
            **{name: changes[name] if name in changes else getattr(row, name) for name in self._defaults}
        )

    def build_or_none(self, values: Sequence[Any]) -> Row | None:
        """Build a row; None if an outer join has no match, which is when the first column is NULL."""
        return None if values[self.start] is None else self.build(values)


def _columns(table: type[SQLModel]) -> dict[str, Column[Any]]:
    """Return the columns that the ORM maps, by attribute name."""
    return {attribute.key: attribute.columns[0] for attribute in inspect(table).column_attrs}


def _row_class(name: str, columns: dict[str, Column[Any]], start: int) -> type[tuple[Any, ...]]:
    """Create a tuple class for all values of a result row, with attributes for the table's columns."""
    accessors = {key: _accessor(at, column) for at, (key, column) in enumerate(columns.items(), start)}

    def representation(row: object) -> str:
        return f"{name}({', '.join(f'{key}={getattr(row, key)!r}' for key in columns)})"

    return type(name, (tuple,), {"__slots__": (), "__repr__": representation, **accessors})


def _accessor(at: int, column: Column[Any]) -> property:
    if isinstance(column.type, JSONB):
        return property(lambda row: None if row[at] is None else orjson.loads(row[at]))
    if isinstance(column.type, EnumText):
        members = _members_by_value(column.type)
        return property(lambda row: members[row[at]])
    return property(itemgetter(at))


def _members_by_value(kind: EnumText) -> dict[str | None, Any]:
    return {None: None, **{member.value: member for member in kind.members}}
