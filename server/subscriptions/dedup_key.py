"""Identify subscriptions that can share one execution: the same operation by the same caller."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import orjson
from graphql import (
    FieldNode,
    GraphQLError,
    NonNullTypeNode,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    get_operation_ast,
    parse,
    visit,
)

from core.scopes import Scope
from resolvers.access.context import Caller
from storage.tables import Role

_MAX_QUERY_LENGTH: Final = 16_384
_RESUME_ARGUMENT: Final = "after"


@dataclass(frozen=True, slots=True)
class SubscriptionKey:
    """A subscription without its resume position, and the caller. All who have the same key get the same events."""

    query: str
    operation_name: str | None
    variables_json: bytes
    resume_variable: str
    user_id: str
    roles: frozenset[tuple[str, Role]]
    scopes: frozenset[Scope]
    base_url: str | None

    def variables(self, after: int | None) -> dict[str, Any]:
        """Return the variables with ``after`` as the resume position."""
        variables: dict[str, Any] = orjson.loads(self.variables_json)
        return {**variables, self.resume_variable: after} if self.resume_variable else variables


@dataclass(frozen=True, slots=True)
class Resume:
    """A subscription, and the sequence number of the event after which it resumes."""

    key: SubscriptionKey
    after: int | None


def parse_shareable(
    query: str,
    variables: Mapping[str, Any] | None,
    operation_name: str | None,
    caller: Caller | None,
    base_url: str | None = None,
) -> Resume | None:
    """Return the key and the resume position of a subscription, or None if it cannot be shared.

    Events contain links under ``base_url``.
    """
    if caller is None or len(query) > _MAX_QUERY_LENGTH:
        return None
    name = _find_resume_variable(query, operation_name)
    if name is None:
        return None
    other_variables = dict(variables or {})
    after = other_variables.pop(name, None) if name else None
    if not isinstance(after, int | None) or isinstance(after, bool):
        return None
    try:
        encoded = orjson.dumps(other_variables, option=orjson.OPT_SORT_KEYS)
    except (TypeError, ValueError):
        return None
    roles = frozenset(caller.roles.items())
    key = SubscriptionKey(query, operation_name, encoded, name, caller.user_id, roles, caller.scopes, base_url)
    return Resume(key, after)


@lru_cache(maxsize=256)
def _find_resume_variable(query: str, operation_name: str | None) -> str | None:
    """Return the variable of the argument ``after``, empty if the document does not set it.

    Returns None for a document that is invalid or not a subscription to one field, or has a fixed position.
    """
    try:
        document = parse(query, no_location=True)
    except (GraphQLError, RecursionError):
        return None
    operation = get_operation_ast(document, operation_name)
    if operation is None or operation.operation is not OperationType.SUBSCRIPTION:
        return None
    root = operation.selection_set.selections
    if len(root) != 1 or not isinstance(root[0], FieldNode):
        return None
    arguments = root[0].arguments or ()
    value = next((argument.value for argument in arguments if argument.name.value == _RESUME_ARGUMENT), None)
    if value is None:
        return ""
    if not isinstance(value, VariableNode) or not _is_nullable(operation, value.name.value):
        return None
    counter = _VariableCounter(value.name.value)
    visit(document, counter)
    # its definition and this use: another use could change the response
    return value.name.value if counter.count == 2 else None  # noqa: PLR2004


def _is_nullable(operation: OperationDefinitionNode, name: str) -> bool:
    """Return whether the variable is nullable. The shared execution sets it to null."""
    return any(
        definition.variable.name.value == name and not isinstance(definition.type, NonNullTypeNode)
        for definition in operation.variable_definitions or ()
    )


class _VariableCounter(Visitor):
    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.count = 0

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.count += node.name.value == self._name
