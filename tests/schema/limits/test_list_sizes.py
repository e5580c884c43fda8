"""Every list of the schema is paged, or has a size that the cost estimate knows."""

from collections.abc import Iterator

import pytest
from graphql import (
    DocumentNode,
    FieldDefinitionNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    TypeNode,
    get_introspection_query,
    parse,
)

from core.settings import PROJECT, DocumentSettings, Settings
from schema.limits import complexity, document_limits, field_costs
from schema.limits.complexity import DocumentSize
from server.graphql import operation_cost
from server.graphql.requests import Operation
from tests.support.graphql import schemas

SCHEMA = schemas.shipped()
COSTS = field_costs.from_schema(SCHEMA)
SDL: DocumentNode = parse((PROJECT / "schema" / "schema.graphql").read_text(encoding="utf-8"))


def size(document: str, memberships: int = 1, **variables: object) -> DocumentSize:
    return complexity.measure(parse(document), variables, COSTS, memberships)


def fields() -> Iterator[tuple[str, FieldDefinitionNode]]:
    for definition in SDL.definitions:
        if isinstance(definition, ObjectTypeDefinitionNode):
            yield from ((definition.name.value, field) for field in definition.fields or ())


def is_list(of: TypeNode) -> bool:
    return isinstance(of, ListTypeNode) or (isinstance(of, NonNullTypeNode) and is_list(of.type))


def named(of: TypeNode) -> str:
    return of.name.value if isinstance(of, NamedTypeNode) else named(getattr(of, "type"))  # noqa: B009  see is_list


def is_sized(field: FieldDefinitionNode) -> bool:
    names = {argument.name.value for argument in field.arguments or ()}
    for directive in field.directives or ():
        if directive.name.value == "listSize":
            [argument] = directive.arguments or ()
            values = getattr(argument.value, "values", ())
            return argument.name.value == "assumedSize" or {value.value for value in values} <= names
    return False


def test_every_list_is_a_page_or_has_a_size() -> None:
    lists = {(owner, field.name.value): field for owner, field in fields() if is_list(field.type)}
    unsized = {key for key, field in lists.items() if not is_sized(field)}
    assert {(owner, name) for owner, name in unsized if not (owner.endswith("Connection") and name == "edges")} == set()
    assert len(lists) > 30


def test_every_connection_is_paged() -> None:
    connections = [field for _, field in fields() if named(field.type).endswith("Connection")]
    assert [
        field.name.value
        for field in connections
        if "first" not in {argument.name.value for argument in field.arguments or ()}
    ] == []
    assert len(connections) >= 10


@pytest.mark.parametrize(
    ("document", "cost"),
    [
        ('{ sharedLink(token: "x") { collection { tracks { title } } } }', 3 + 100),
        ('{ sharedLink(token: "x") { collection { tracks(first: 7) { title playbackUrl } } } }', 3 + 7 * 6),
        ('query($n: Int = 9) { sharedLink(token: "x") { collection { tracks(first: $n) { title } } } }', 3 + 9),
        ('{ sharedLink(token: "x") { ...L } } fragment L on SharedLink { collection { tracks { title } } }', 3 + 100),
        ('{ node(id: "x") { ... on FocusSession { segments(first: 3) { index } } } }', 2 + 3),
        ('{ node(id: "x") { ... on Collection { tracks(first: 3) { edges { cursor } } } } }', 3 + 3),
        ('{ node(id: "x") { ... on Track { stems { name url } } } }', 2 + 10 * 6),
        ("{ viewer { organizations { engines { key } } } }", 3 + 10),
    ],
)
def test_items_and_links_have_a_price(document: str, cost: int) -> None:
    assert size(document).cost == cost


def test_a_caller_with_many_organizations_pays_for_each() -> None:
    document = "{ viewer { organizations { engines { key } } } }"
    assert size(document, memberships=50).cost == 2 + 50 * (1 + 10)
    operation = Operation(document, None, None, None)
    assert operation_cost.estimate(operation, Settings(), COSTS, 1) == 1
    assert operation_cost.estimate(operation, Settings(), COSTS, 50) == 1 + 552 // 500


def test_the_cost_of_introspection_is_that_of_its_response() -> None:
    document = get_introspection_query(descriptions=True, input_value_deprecation=True)
    measured = size(document)
    assert 8_000 < measured.cost < 20_000
    assert document_limits.find_exceeded(measured, DocumentSettings()) == []
    aliases = " ".join(
        f"a{n}: __schema {{ types {{ fields {{ args {{ name }} type {{ name }} }} }} }}" for n in range(15)
    )
    assert size(f"{{ {aliases} }}").cost > 15 * 182 * 2
