"""Limits on the errors of an invalid document: graphql-core prints the whole input object for each unknown field."""

from collections.abc import Sequence
from typing import Final

from graphql import GraphQLError

MAX_ERRORS: Final = 10
"""Errors after which validation is aborted."""
MAX_MESSAGE: Final = 400
"""The length of an error message in characters."""


def limit_errors(errors: Sequence[GraphQLError]) -> list[GraphQLError]:
    """Limit the number of request errors, and the length of their messages. Errors of fields are unchanged."""
    limited: list[GraphQLError] = []
    omitted = 0
    for error in errors:
        if error.path is not None:
            limited.append(error)
        elif len(limited) <= MAX_ERRORS:
            limited.append(_limit_message(error))
        else:
            omitted += 1
    return [*limited, GraphQLError(f"{omitted} more errors are not listed.")] if omitted else limited


def _limit_message(error: GraphQLError) -> GraphQLError:
    if len(error.message) <= MAX_MESSAGE:
        return error
    message = f"{error.message[:MAX_MESSAGE]}… ({len(error.message)} characters)"
    return GraphQLError(
        message, error.nodes, error.source, error.positions, error.path, error.original_error, error.extensions
    )
