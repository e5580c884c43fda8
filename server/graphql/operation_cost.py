"""Charge GraphQL operations to the caller's rate limit before they are executed.

An operation costs one token, and one more for each ``fields_per_token`` fields that its response can have by the
document's estimated complexity. A document that is going to be rejected costs one token.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from graphql import GraphQLError

from core.settings import Settings
from resolvers.access import rate_limits
from resolvers.access.context import Context
from schema.limits import complexity, document_limits, parse_cache
from server.graphql.requests import GraphQLRequestError, Operation
from storage.redis.rate_limits import RateLimitResult


@dataclass(frozen=True, slots=True)
class OperationCost:
    """The cost in tokens, and an error if the document is too long to be parsed."""

    tokens: int
    error: GraphQLRequestError | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """The state of the rate limit after a charge. Nothing was charged if ``rate_limit.wait_seconds`` is not zero."""

    rate_limit: RateLimitResult
    error: GraphQLRequestError | None


async def charge(ctx: Context, operations: Sequence[Operation]) -> Charge:
    """Charge all operations of a request, or none of them."""
    costs = [estimate(operation, ctx.services.settings) for operation in operations]
    rate_limit = await rate_limits.take(ctx, sum(cost.tokens for cost in costs))
    return Charge(rate_limit, next((cost.error for cost in costs if cost.error), None))


def estimate(operation: Operation, settings: Settings) -> OperationCost:
    length, max_length = len(operation.query), settings.documents.max_characters
    if length > max_length:
        message = f"The document is too large: characters {length} (limit {max_length})."
        return OperationCost(1, GraphQLRequestError(message, code=document_limits.CODE))
    try:
        document = parse_cache.get_or_parse(operation.query, settings.documents.max_tokens)
    except (GraphQLError, RecursionError):
        return OperationCost(1)
    size = complexity.measure_cached(document, operation.variables or {})
    if document_limits.find_exceeded(size, settings.documents):
        return OperationCost(1)
    return OperationCost(1 + size.cost // settings.graphql.fields_per_token)
