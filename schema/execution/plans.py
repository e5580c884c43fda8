"""Plans: the compiled form of an operation. They depend on the schema and the document, not on values."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final, Protocol

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
    is_non_null_type,
)
from graphql.execution.values import VariableValues

from schema.execution.arguments import CompiledArguments
from schema.execution.field_errors import FieldErrors
from schema.execution.response_path import ResponsePath

MAX_FIELDS: Final = 1_000
"""An operation with more fields, fragments expanded, has no plan: compiling it would cost more than it saves."""


class Execution(Protocol):
    """One execution of a plan, as its resolvers and completers use it."""

    plan: "OperationPlan"
    context: object
    root_value: object
    variables: VariableValues
    extensions: Mapping[str, Any] | None
    errors: FieldErrors

    def info(self, field: "FieldPlan", path: ResponsePath) -> Any:  # noqa: ANN401  has the attributes of GraphQLResolveInfo
        """Return the ``info`` of a resolver call."""

    def arguments(self, field: "FieldPlan") -> Mapping[str, Any]:
        """Return the coerced arguments of a field. Raises GraphQLError."""

    def finish_in_background(self, awaitables: Sequence[Awaitable[Any]]) -> None:
        """Run awaitables whose results are no longer needed to their end."""


FieldResolver = Callable[[Execution, "FieldPlan", Any, ResponsePath], Any]
"""Returns a field's value, or an awaitable of it, for the parent object."""

ValueCompleter = Callable[[Execution, Any, ResponsePath], Any]
"""Converts a resolved value to its response value, or to a coroutine of it. Raises the error that makes it null."""

Projection = Callable[[Any], Any]
"""Builds the response value of an object from its attributes alone. Raises any exception for an unexpected value."""


class DelegatedProperty(property):
    """A property that returns an attribute of another attribute.

    A projection reads ``target`` once for all properties that delegate to it.
    """

    def __init__(self, path: str) -> None:
        super().__init__(attrgetter(path))
        self.target, _, self.name = path.rpartition(".")


class UnsupportedOperationError(Exception):
    """No plan can be made for the operation; graphql-core has to execute it."""


def _not_compiled(*_: Any) -> Any:  # noqa: ANN401  has the type of any of the functions above
    raise NotImplementedError


@dataclass(slots=True, eq=False)
class FieldPlan:
    """How to execute one response name of an object, which several selections of the document may share."""

    response_name: str
    parent_type: GraphQLObjectType
    definition: GraphQLField
    nodes: list[FieldNode]
    resolve: FieldResolver
    attribute: str | None = None
    """The Python attribute that the field returns; None for a field with a resolver."""
    selections: Mapping[str, "SelectionPlan"] = field(default_factory=dict)
    """By the names of the possible object types; empty for scalars and enums."""
    arguments: CompiledArguments | None = None
    """None if graphql-core has to coerce the arguments."""
    complete: ValueCompleter = _not_compiled
    is_nullable: bool = field(init=False)
    """Whether an error of the field leaves the parent object intact."""
    cache: dict[object, Any] = field(default_factory=dict)
    """Facts about the document that resolvers have computed for this field."""

    def __post_init__(self) -> None:
        self.is_nullable = not is_non_null_type(self.definition.type)

    @property
    def return_type(self) -> GraphQLOutputType:
        return self.definition.type

    @property
    def is_typename(self) -> bool:
        """Whether this is the meta-field ``__typename``."""
        return self.nodes[0].name.value == "__typename"


@dataclass(slots=True, eq=False)
class SelectionPlan:
    """How to execute a selection set on objects of one type."""

    object_type: GraphQLObjectType
    fields: tuple[FieldPlan, ...]
    python_type: type | None
    """The class of the objects; None for a root type, whose object is never read."""
    dynamic_fields: tuple[FieldPlan, ...] = ()
    """The fields that ``project`` leaves None because they need a resolver."""
    project: Projection = _not_compiled


@dataclass(slots=True, frozen=True, eq=False)
class OperationPlan:
    """How to execute an operation, for one combination of its ``@skip`` and ``@include`` conditions."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]
    root: SelectionPlan
