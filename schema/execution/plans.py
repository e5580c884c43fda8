"""Plans, the compiled form of an operation, and the state of their execution.

A plan depends on the schema and the document, not on values.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from types import CoroutineType, SimpleNamespace
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
)
from graphql.error import located_error
from graphql.execution.values import VariableValues
from graphql.pyutils import Path
from strawberry.execution import optimized_is_awaitable

from schema.execution.coercion import ArgumentCoercer

MAX_FIELDS: Final = 1_000
"""An operation with more fields, fragments expanded, has no plan: compiling it would cost more than it saves."""

ResponsePath = tuple[Any, str | int, str | None]
"""The parent's path or None, the response name or list index, and the name of the type that has the field.

A plain tuple with the contents of graphql-core's ``Path``: one is made for every field, and a tuple is cheaper.
"""

FieldResolver = Callable[["Execution", "FieldPlan", Any, ResponsePath], Any]
"""Returns a field's value, or an awaitable of it, for the parent object."""

ValueCompleter = Callable[["Execution", Any, ResponsePath], Any]
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
class ValuePlan:
    """How to complete the value of a field or an item of a list."""

    nodes: list[FieldNode]
    is_nullable: bool
    """Whether an error leaves the parent object or the list intact."""
    complete: ValueCompleter = _not_compiled


@dataclass(slots=True, eq=False, kw_only=True)
class FieldPlan(ValuePlan):
    """How to execute one response name of an object, which several selections of the document may share."""

    response_name: str
    parent_type: GraphQLObjectType
    definition: GraphQLField
    resolve: FieldResolver
    attribute: str | None
    """The Python attribute that the field returns; None for a field with a resolver."""
    selections: Mapping[str, "SelectionPlan"]
    """By the names of the possible object types; empty for scalars and enums."""
    coerce_arguments: ArgumentCoercer
    cache: dict[object, Any] = field(default_factory=dict)
    """Facts about the document that resolvers have computed for this field."""

    @property
    def return_type(self) -> GraphQLOutputType:
        return self.definition.type

    @property
    def is_typename(self) -> bool:
        """Whether this is the meta-field ``__typename``."""
        return self.nodes[0].name.value == "__typename"

    @property
    def coordinate(self) -> str:
        """The schema coordinate, such as ``Track.title``."""
        return f"{self.parent_type}.{self.nodes[0].name.value}"


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


@dataclass(slots=True, eq=False)
class Execution:
    """The state of one execution: its inputs and the errors so far."""

    plan: OperationPlan
    context: object
    root_value: object
    variables: VariableValues
    extensions: Mapping[str, Any] | None
    errors: list[GraphQLError] = field(default_factory=list, init=False)
    """In the order in which they occurred, without errors below a path that was already null."""
    _null_paths: set[ResponsePath | None] = field(default_factory=set, init=False)
    _arguments: dict[FieldPlan, Mapping[str, Any]] = field(default_factory=dict, init=False)
    _background: set[asyncio.Future[Any]] = field(default_factory=set, init=False)
    _coroutines: list[Coroutine[Any, Any, Any]] = field(default_factory=list, init=False)

    def arguments(self, field: FieldPlan) -> Mapping[str, Any]:
        """Return the coerced arguments of a field, the same for each of its parent objects. Raises GraphQLError."""
        if field not in self._arguments:
            self._arguments[field] = field.coerce_arguments(self.variables)
        return self._arguments[field]

    def add_error(self, error: GraphQLError, path: ResponsePath | None) -> None:
        """Record an error that makes the value at ``path`` null; None is the path of the whole response."""
        ancestor = path
        while ancestor is not None and ancestor not in self._null_paths:
            ancestor = ancestor[0]
        if ancestor not in self._null_paths:
            self._null_paths.add(path)
            self.errors.append(error)

    def record_or_raise(self, error: Exception, plan: ValuePlan, path: ResponsePath) -> None:
        """Record an error of a nullable value. Raise it, with its location, for a value that must not be null."""
        located = located_error(error, plan.nodes, _as_list(path))
        if not plan.is_nullable:
            raise located
        self.add_error(located, path)

    def finish_in_background(self, awaitables: Sequence[Awaitable[Any]]) -> None:
        """Run awaitables whose results are no longer needed to their end, so that their errors are retrieved."""
        if awaitables:
            future = asyncio.gather(*awaitables, return_exceptions=True)
            self._background.add(future)
            future.add_done_callback(self._background.discard)

    def keep(self, awaitable: Awaitable[Any]) -> Awaitable[Any]:
        """Remember an awaitable for `close_unbegun` and return it."""
        if awaitable.__class__ is CoroutineType:
            self._coroutines.append(awaitable)
        return awaitable

    def close_unbegun(self) -> None:
        """Close the coroutines that were cancelled before they began: Python warns of others as never awaited."""
        for coroutine in self._coroutines:
            if inspect.getcoroutinestate(coroutine) == inspect.CORO_CREATED:
                coroutine.close()


class ResolveInfo:
    """Holds the context, which every resolver reads; all other attributes are computed on first access."""

    __slots__ = ("_computed", "_execution", "_field", "_path", "context")

    def __init__(self, execution: Execution, field: FieldPlan, path: ResponsePath) -> None:
        self.context = execution.context
        self._execution, self._field, self._path = execution, field, path
        self._computed: SimpleNamespace | None = None

    @property
    def plan(self) -> FieldPlan:
        """The plan of the field, with all that is selected below it; GraphQLResolveInfo has none."""
        return self._field

    @property
    def cache(self) -> dict[object, Any]:
        """A cache for facts that depend on the document alone; GraphQLResolveInfo has none."""
        return self._field.cache

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  attributes of any type
        if self._computed is None:
            self._computed = _attributes(self._execution, self._field, self._path)
        return getattr(self._computed, name)


def _attributes(execution: Execution, field: FieldPlan, path: ResponsePath) -> SimpleNamespace:
    plan = execution.plan
    return SimpleNamespace(
        field_name=field.nodes[0].name.value,
        field_nodes=field.nodes,
        return_type=field.return_type,
        parent_type=field.parent_type,
        path=_graphql_path(path),
        schema=plan.schema,
        fragments=plan.fragments,
        root_value=execution.root_value,
        operation=plan.operation,
        variable_values=execution.variables.coerced,
        is_awaitable=optimized_is_awaitable,
        abort_signal=None,
        operation_extensions=execution.extensions,
    )


def _graphql_path(path: ResponsePath) -> Path:
    return Path(_graphql_path(path[0]) if path[0] is not None else None, path[1], path[2])


def _as_list(path: ResponsePath | None) -> list[str | int]:
    """Return the path in the form that errors have: response names and list indexes from the root."""
    keys: list[str | int] = []
    while path is not None:
        keys.append(path[1])
        path = path[0]
    return keys[::-1]
