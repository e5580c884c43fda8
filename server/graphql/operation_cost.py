"""What each GraphQL operation costs its caller, before any of it is done.

The rule: one token of the caller's allowance for each operation, and one more for each ``fields_per_token`` fields that
its answer may have, as the document's budget estimates them. A document that will be refused costs the one token.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from graphql import DocumentNode, GraphQLError

from core.settings import Settings
from resolvers.access import rate_limits
from resolvers.access.context import Context
from schema.limits import complexity, document_limits, parse_cache
from schema.limits.complexity import DocumentSize
from server.graphql.requests import GraphQLRequestError, Operation
from storage.redis.rate_limits import RateLimitResult


@dataclass(frozen=True, slots=True)
class OperationCost:
    """An operation's document, its size and its price; no document when it cannot be parsed, or is not even tried."""

    document: DocumentNode | None
    size: DocumentSize
    tokens: int
    error: GraphQLRequestError | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """What was measured, and what the caller has left; refused if there is anything to wait for."""

    costs: Sequence[OperationCost]
    rate_limit: RateLimitResult

    @property
    def error(self) -> GraphQLRequestError | None:
        """What keeps the first of them from being tried at all."""
        return next((one.error for one in self.costs if one.error), None)


async def charge(ctx: Context, operations: Sequence[Operation]) -> Charge:
    """Measure operations and take what they cost, all or nothing."""
    measured = [estimate(operation, ctx.services.settings) for operation in operations]
    return Charge(measured, await rate_limits.take(ctx, sum(one.tokens for one in measured)))


def estimate(operation: Operation, settings: Settings) -> OperationCost:
    """What an operation costs."""
    length, most = len(operation.query), settings.documents.max_characters
    if length > most:
        text = f"The document is too large: characters {length} (limit {most})."
        return OperationCost(None, DocumentSize(), 1, GraphQLRequestError(text, code=document_limits.CODE))
    try:
        document = parse_cache.get_or_parse(operation.query, settings.documents.max_tokens)
    except (GraphQLError, RecursionError):
        return OperationCost(None, DocumentSize(), 1)
    size = complexity.measure_cached(document, operation.variables or {})
    is_refused = bool(document_limits.find_exceeded(size, settings.documents))
    return OperationCost(document, size, 1 if is_refused else 1 + size.cost // settings.graphql.fields_per_token)
