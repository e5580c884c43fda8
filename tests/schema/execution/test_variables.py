"""Coercion of variables and arguments equals that of graphql-core."""

import itertools
from functools import partial
from typing import Any, Final

import pytest
import strawberry
from graphql import FieldNode, GraphQLError, OperationDefinitionNode, get_argument_values, get_variable_values, parse
from graphql.execution.values import VariableValues

from schema.execution import coercion
from schema.execution.coercion import VariableCoercer
from schema.execution.strawberry_internals import core_schema


@strawberry.input
class Options:
    """An input object, which has to be instantiated."""

    name: str
    times: int = 2


@strawberry.type
class Query:
    """Fields that return their arguments as text."""

    @strawberry.field
    def echo(
        self, text: str = "none", number: int | None = None, far: float = 1.5, ids: list[strawberry.ID] | None = None
    ) -> str:
        return repr((text, number, far, ids))

    @strawberry.field
    def build(self, text: str, options: Options | None = None) -> str:
        return repr((text, options))


SCHEMA: Final = strawberry.Schema(Query)
ABSENT: Final = object()
VALUES: Final[tuple[Any, ...]] = (
    *(ABSENT, None, "", "x", "1", 0, 1, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1),
    *(True, 1.0, 1.5, [], ["x"], {}, {"name": "x"}),
)
TYPES: Final = ("String", "ID", "Int", "Boolean", "Float", "[ID!]", "Options")


def operation(text: str) -> OperationDefinitionNode:
    [node] = parse(text).definitions
    assert isinstance(node, OperationDefinitionNode)
    return node


def comparable(values: VariableValues | None) -> object:
    """Replace wrapping types, which equal only themselves, by their names."""
    if values is None:
        return None
    sources = {name: (str(each.signature.type), each.value) for name, each in values.sources.items()}
    return sources, values.coerced


def coerce_by_graphql_core(node: OperationDefinitionNode, given: dict[str, Any]) -> VariableValues | None:
    coerced = get_variable_values(core_schema(SCHEMA), node.variable_definitions or (), given)
    return coerced if isinstance(coerced, VariableValues) else None


@pytest.mark.parametrize("kind", [f"{name}{rest}" for name in TYPES for rest in ("", "!")])
def test_variables_are_coerced_as_by_graphql_core(kind: str) -> None:
    node = operation(f'query($a: {kind}, $b: String = "left") {{ echo }}')
    coercer = VariableCoercer(SCHEMA, node)
    for value, other in itertools.product(VALUES, (ABSENT, None, "right")):
        given = {name: each for name, each in (("a", value), ("b", other)) if each is not ABSENT}
        assert comparable(coercer.coerce(given)) == comparable(coerce_by_graphql_core(node, given)), given


def test_an_operation_without_variables_ignores_values() -> None:
    assert VariableCoercer(SCHEMA, operation("{ echo }")).coerce({"a": 1}) == VariableValues({}, {})


@pytest.mark.parametrize(
    "call",
    [
        "echo",
        'echo(text: "x", number: 3)',
        "echo(text: $a)",
        "echo(text: $a, number: $b, far: 2)",
        "echo(ids: [$c])",
        'echo(ids: ["x"])',
        "echo(number: null)",
        "build(text: $a, options: { name: $a })",
        'build(text: "x", options: $d)',
    ],
)
def test_arguments_are_coerced_as_by_graphql_core(call: str) -> None:
    node = operation(f'query($a: String = "left", $b: Int, $c: ID, $d: Options) {{ {call} }}')
    [field] = node.selection_set.selections
    assert isinstance(field, FieldNode)
    definition = core_schema(SCHEMA).query_type.fields[field.name.value]  # type: ignore[union-attr]
    coerce = coercion.build_argument_coercer(definition, field)
    assert isinstance(coerce, partial) == ("[" in call or "{" in call)
    for text, number, name in itertools.product((ABSENT, None, "x"), (ABSENT, None, 7), (ABSENT, None, "i")):
        given = {key: each for key, each in (("a", text), ("b", number), ("c", name)) if each is not ABSENT}
        given["d"] = {"name": "n"}
        variables = VariableCoercer(SCHEMA, node).coerce(given)
        assert variables is not None
        try:
            expected = get_argument_values(definition, field, variables)
        except GraphQLError:
            with pytest.raises(GraphQLError):
                coerce(variables)
        else:
            assert coerce(variables) == expected, given
