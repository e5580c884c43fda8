"""What each GraphQL operation costs its caller, before any of it is done.

The rule: one token of the caller's allowance for each operation, and one more for each ``fields_per_token`` fields that
its answer may have, as the document's budget estimates them. A document that will be refused costs the one token.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from graphql import DocumentNode, GraphQLError

from core.settings import Settings
from resolvers import allowances
from resolvers.context import Context
from schema import budgets, documents, sizes
from schema.sizes import Size
from server.graphql_requests import Malformed, Operation
from storage.limits import Taken


@dataclass(frozen=True, slots=True)
class Measured:
    """An operation's document, its size and its price; no document when it cannot be parsed, or is not even tried."""

    document: DocumentNode | None
    size: Size
    price: int
    problem: Malformed | None = None


@dataclass(frozen=True, slots=True)
class Admitted:
    """What was measured, and what the caller has left; refused if there is anything to wait for."""

    measured: Sequence[Measured]
    taken: Taken

    @property
    def problem(self) -> Malformed | None:
        """What keeps the first of them from being tried at all."""
        return next((one.problem for one in self.measured if one.problem), None)


async def admit(ctx: Context, operations: Sequence[Operation]) -> Admitted:
    """Measure operations and take what they cost, all or nothing."""
    measured = [measure(operation, ctx.services.settings) for operation in operations]
    return Admitted(measured, await allowances.take(ctx, sum(one.price for one in measured)))


def measure(operation: Operation, settings: Settings) -> Measured:
    """What an operation costs."""
    length, most = len(operation.query), settings.documents.max_characters
    if length > most:
        text = f"The document asks for too much: characters {length} (limit {most})."
        return Measured(None, Size(), 1, Malformed(text, code=budgets.CODE))
    try:
        document = documents.parsed(operation.query, settings.documents.max_tokens)
    except (GraphQLError, RecursionError):
        return Measured(None, Size(), 1)
    size = sizes.measured(document, operation.variables or {})
    is_refused = bool(budgets.over(size, settings.documents))
    return Measured(document, size, 1 if is_refused else 1 + size.cost // settings.graphql.fields_per_token)
