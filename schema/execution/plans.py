"""What a plan is made of; it knows the schema's types and no values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

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

from schema.execution.arguments import Arguments

if TYPE_CHECKING:
    from schema.execution.execute import Run

Place = tuple[Any, str | int, str | None]
"""Where a value stands in the answer: the place around it or None, its key, and the type that the key belongs to."""

Resolve = Callable[["Run", "Field", Any, Place], Any]
"""A field's value or an awaitable of it, from the object that it hangs on."""

Complete = Callable[["Run", Any, Place], Any]
"""A resolved value as it stands in the answer, or a coroutine of that. Raises what makes it null."""

Project = Callable[[Any], Any]
"""The answer's part for a value, if all of it is attributes. Raises anything when a value is not as usual."""


class Through(property):
    """An attribute that is one of another attribute: a projection reads it there, and the other only once."""

    def __init__(self, holder: str, name: str) -> None:
        super().__init__(attrgetter(f"{holder}.{name}"))
        self.holder, self.name = holder, name


class Uncovered(Exception):  # noqa: N818  it reads as what the document is
    """A document that no plan can be made for."""


def _unset(*_: Any) -> Any:  # noqa: ANN401  stands for any of the functions above
    raise NotImplementedError


@dataclass(slots=True, eq=False)
class Field:
    """A field of the answer: one key of an object, from one or several selections of the document."""

    name: str
    parent: GraphQLObjectType
    definition: GraphQLField
    nodes: list[FieldNode]
    resolve: Resolve
    attribute: str | None = None
    """The attribute that it shows, if it is plain."""
    selections: Mapping[str, "Selection"] = field(default_factory=dict)
    """What is asked of its objects, by the names of their types; empty for scalars and enums."""
    arguments: Arguments | None = None
    """What its resolver is called with; None if only graphql-core can tell."""
    complete: Complete = _unset
    may_be_null: bool = field(init=False)
    """Whether an error in it leaves the object around it whole."""
    notes: dict[object, Any] = field(default_factory=dict)
    """What resolvers have found out of all of this, and need not find out again."""

    def __post_init__(self) -> None:
        self.may_be_null = not is_non_null_type(self.definition.type)

    @property
    def kind(self) -> GraphQLOutputType:
        """What the schema says it answers."""
        return self.definition.type

    @property
    def is_typename(self) -> bool:
        """Whether it is ``__typename``, which the plan itself knows."""
        return self.nodes[0].name.value == "__typename"


@dataclass(slots=True, eq=False)
class Selection:
    """What is asked of the objects of one type."""

    kind: GraphQLObjectType
    fields: tuple[Field, ...]
    origin: type | None
    """The Python class of its objects; None for a root, whose object nobody looks at."""
    dynamic: tuple[Field, ...] = ()
    """The fields that ``project`` leaves None."""
    project: Project = _unset


@dataclass(slots=True, frozen=True, eq=False)
class Plan:
    """How one operation is answered, for one choice of its ``@skip`` and ``@include``."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]
    root: Selection


MAX_FIELDS: Final = 1_000
"""Documents that write out to more are left to the stock executor: a plan for them costs more than it saves."""
