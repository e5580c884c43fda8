"""What may be told to many sockets at once: the same subscription by the same caller, wherever each of them begins."""

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
    """A document, all its variables but the one that says where to begin, and a caller: one answer for all who ask."""

    query: str
    operation_name: str | None
    variables_json: bytes
    resume_variable: str | None
    user_id: str
    roles: frozenset[tuple[str, Role]]
    scopes: frozenset[Scope]

    def variables(self, after: int | None) -> dict[str, Any]:
        """With the beginning filled in; null where the client said nothing of it."""
        said: dict[str, Any] = orjson.loads(self.variables_json)
        return said if self.resume_variable is None else {**said, self.resume_variable: after}


@dataclass(frozen=True, slots=True)
class Resume:
    """A question, and behind which event its answer is to begin."""

    key: SubscriptionKey
    after: int | None


def parse_shareable(
    query: str, variables: Mapping[str, Any] | None, operation_name: str | None, caller: Caller | None
) -> Resume | None:
    """The question in an operation; None for one that is answered for its socket alone."""
    if caller is None or len(query) > _MAX_QUERY_LENGTH:
        return None
    begins = _find_resume_variable(query, operation_name)
    if begins is None:
        return None
    said = dict(variables or {})
    after = said.pop(begins.name, None) if begins.name else None
    if not isinstance(after, int | None) or isinstance(after, bool):
        return None
    try:
        written = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    except (TypeError, ValueError):
        return None
    roles = frozenset(caller.roles.items())
    question = SubscriptionKey(query, operation_name, written, begins.name, caller.user_id, roles, caller.scopes)
    return Resume(question, after)


@dataclass(frozen=True, slots=True)
class _ResumeVariable:
    """The variable, if any, by which a client says where to begin."""

    name: str | None


@lru_cache(maxsize=256)
def _find_resume_variable(query: str, operation_name: str | None) -> _ResumeVariable | None:
    """None for a document that is no plain subscription, whatever else is wrong or unusual about it."""
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
    given = next((each.value for each in root[0].arguments or () if each.name.value == _RESUME_ARGUMENT), None)
    if given is None:
        return _ResumeVariable(None)
    if not isinstance(given, VariableNode) or not _is_nullable(operation, given.name.value):
        return None
    uses = _VariableCounter(given.name.value)
    visit(document, uses)
    # once where it is declared, once where it is meant
    return _ResumeVariable(given.name.value) if uses.count == 2 else None  # noqa: PLR2004


def _is_nullable(operation: OperationDefinitionNode, name: str) -> bool:
    """Whether the variable may be null: what is told to all begins for nobody in particular."""
    return any(
        declared.variable.name.value == name and not isinstance(declared.type, NonNullTypeNode)
        for declared in operation.variable_definitions or ()
    )


class _VariableCounter(Visitor):
    """Counts where a variable stands."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.count = 0

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.count += node.name.value == self._name
