"""Charge GraphQL operations to the caller's rate limit before they are executed.

An operation costs one token, and one more for each ``fields_per_token`` fields that its response can have by the
document's estimated complexity, or nodes and values of variables that are validated if these are more. A document that
is going to be rejected costs one token.
"""

from collections.abc import Sequence

from graphql import GraphQLError

from core.settings import Settings
from resolvers.access import rate_limits
from resolvers.access.context import Context
from schema.limits import complexity, document_limits, variables
from schema.limits.field_costs import FieldCosts
from server.graphql.requests import GraphQLRequestError, Operation
from storage.redis.rate_limits import RateLimitResult


async def charge(ctx: Context, operations: Sequence[Operation], costs: FieldCosts) -> RateLimitResult:
    """Charge all operations of a request, or none of them: then ``wait_seconds`` of the result is not zero."""
    settings, memberships = ctx.services.settings, len(ctx.identity.roles) if ctx.identity else 0
    return await rate_limits.take(ctx, sum(estimate(each, settings, costs, memberships) for each in operations))


def find_too_large(ctx: Context, operations: Sequence[Operation]) -> GraphQLRequestError | None:
    """Return an error if a document is too long to be parsed, or variables are too many to be coerced."""
    limits = ctx.services.settings.documents
    for operation in operations:
        if len(operation.query) > limits.max_characters:
            length = f"characters {len(operation.query)} (limit {limits.max_characters})"
            return GraphQLRequestError(f"The document is too large: {length}.", code=document_limits.CODE)
        if problems := variables.find_exceeded(variables.measure(operation.variables or {}), limits):
            message = f"The variables are too large: {', '.join(problems)}."
            return GraphQLRequestError(message, code=document_limits.CODE)
    return None


def estimate(operation: Operation, settings: Settings, costs: FieldCosts, memberships: int) -> int:
    """Return the cost in tokens for a caller with this number of organizations."""
    if len(operation.query) > settings.documents.max_characters:
        return 1
    try:
        document = document_limits.get_or_parse(operation.query, settings.documents.max_tokens)
    except (GraphQLError, RecursionError):
        return 1
    given = operation.variables or {}
    size, values = complexity.measure_cached(document, given, costs), variables.measure(given)
    if document_limits.find_exceeded(size, settings.documents) or variables.find_exceeded(values, settings.documents):
        return 1
    validated = size.nodes + values.keys + values.list_items
    # the size is that for one organization
    response = size if memberships == 1 else complexity.measure_cached(document, given, costs, memberships)
    return 1 + max(response.cost, validated) // settings.graphql.fields_per_token
