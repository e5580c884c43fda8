"""Variables and arguments that are read quickly are what graphql-core makes of them, and the others are its own."""

import itertools
from typing import Any, Final

import pytest
import strawberry
from graphql import FieldNode, OperationDefinitionNode, get_argument_values, get_variable_values, parse
from graphql.execution.values import VariableValues

from schema.execution import arguments
from schema.execution.variables import VariableCoercer


@strawberry.input
class Wish:
    """Something that has to be made of what is given."""

    name: str
    times: int = 2


@strawberry.type
class Query:
    """Takes everything, and tells what it was given."""

    @strawberry.field
    def told(
        self, text: str = "none", number: int | None = None, far: float = 1.5, ids: list[strawberry.ID] | None = None
    ) -> str:
        """As text."""
        return repr((text, number, far, ids))

    @strawberry.field
    def made(self, text: str, wish: Wish | None = None) -> str:
        """As text."""
        return repr((text, wish))


SCHEMA: Final = strawberry.Schema(Query)
ABSENT: Final = object()
VALUES: Final[tuple[Any, ...]] = (
    *(ABSENT, None, "", "x", "1", 0, 1, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1),
    *(True, 1.0, 1.5, [], ["x"], {}, {"name": "x"}),
)
TYPES: Final = ("String", "ID", "Int", "Boolean", "Float", "[ID!]", "Wish")


def operation(text: str) -> OperationDefinitionNode:
    [node] = parse(text).definitions
    assert isinstance(node, OperationDefinitionNode)
    return node


def told(values: VariableValues | None) -> object:
    """Types that wrap others are made anew each time, and equal only themselves."""
    if values is None:
        return None
    sources = {name: (str(each.signature.type), each.value) for name, each in values.sources.items()}
    return sources, values.coerced


def whole(node: OperationDefinitionNode, given: dict[str, Any]) -> VariableValues | None:
    found = get_variable_values(SCHEMA._schema, node.variable_definitions or (), given)
    return found if isinstance(found, VariableValues) else None


@pytest.mark.parametrize("kind", [f"{name}{rest}" for name in TYPES for rest in ("", "!")])
def test_a_variable_is_what_graphql_core_makes_of_it(kind: str) -> None:
    node = operation(f'query($a: {kind}, $b: String = "left") {{ told }}')
    read = VariableCoercer(SCHEMA, node)
    for value, other in itertools.product(VALUES, (ABSENT, None, "right")):
        given = {name: each for name, each in (("a", value), ("b", other)) if each is not ABSENT}
        assert told(read.coerce(given)) == told(whole(node, given)), given


def test_an_operation_without_variables_needs_none() -> None:
    assert VariableCoercer(SCHEMA, operation("{ told }")).coerce({"a": 1}) == VariableValues({}, {})


@pytest.mark.parametrize(
    "call",
    [
        "told",
        'told(text: "x", number: 3)',
        "told(text: $a)",
        "told(text: $a, number: $b, far: 2)",
        "told(ids: [$c])",
        'told(ids: ["x"])',
        "told(number: null)",
        "made(text: $a, wish: { name: $a })",
        'made(text: "x", wish: $d)',
    ],
)
def test_arguments_are_what_graphql_core_makes_of_them(call: str) -> None:
    node = operation(f'query($a: String = "left", $b: Int, $c: ID, $d: Wish) {{ {call} }}')
    [field] = node.selection_set.selections
    assert isinstance(field, FieldNode)
    definition = SCHEMA._schema.query_type.fields[field.name.value]  # type: ignore[union-attr]
    found = arguments.compile_arguments(definition, field)
    for text, number, name in itertools.product((ABSENT, None, "x"), (ABSENT, None, 7), (ABSENT, None, "i")):
        given = {key: each for key, each in (("a", text), ("b", number), ("c", name)) if each is not ABSENT}
        given["d"] = {"name": "n"}
        variables = VariableCoercer(SCHEMA, node).coerce(given)
        assert variables is not None
        filled = found.fill(variables) if found else None
        if filled is not None:
            assert filled == get_argument_values(definition, field, variables), given
        if text == "x" and number == 7 and call.startswith("told("):
            assert (filled is None) == ("[" in call)
