"""Random valid GraphQL documents for a schema: fragments, aliases, arguments, directives, variables."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Final

from graphql import (
    GraphQLField,
    GraphQLInputType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_enum_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
)

Literals = Mapping[str, Sequence[str]]
"""Literals of values by `field.argument`, else by argument, else by type."""

EXCLUDED_FIELDS: Final = frozenset({"verifyTrack"})
"""Fields with rate limits: which of two concurrent selections is refused depends on Redis."""

_MAX_DEPTH: Final = 5


class DocumentWriter:
    """Writes one document. No response key is used for two fields, so that all selections can be merged."""

    def __init__(self, seed: int, schema: GraphQLSchema, literals: Literals) -> None:
        self._random, self._schema, self._literals = Random(seed), schema, literals  # noqa: S311  not for secrets
        self._fragments: list[str] = []
        self._numbers = 0
        self.flags: dict[str, bool] = {}

    def operation(self) -> str:
        assert self._schema.query_type is not None
        body = self._selections(self._schema.query_type, 0)
        flags = ", ".join(f"${name}: Boolean!" for name in self.flags)
        return f"query Q{f'({flags})' if flags else ''} {body} {' '.join(self._fragments)}"

    def _selections(self, of: GraphQLNamedType, depth: int) -> str:
        number = self._random.randint(1, 3 if depth else 2)
        return "{ " + " ".join(self._selection(of, depth) for _ in range(number)) + " }"

    def _selection(self, of: GraphQLNamedType, depth: int) -> str:
        kind = self._random.choice(["field"] * 8 + ["inline", "spread"])
        if kind == "field" or depth >= _MAX_DEPTH:
            return self._field(of, depth)
        condition = self._condition(of)
        body = self._selections(condition, depth + 1)
        if kind == "inline":
            return f"... on {condition.name} {self._directive()} {body}"
        name = f"F{self._number()}"
        self._fragments.append(f"fragment {name} on {condition.name} {body}")
        return f"...{name} {self._directive()} " * self._random.randint(1, 2)

    def _condition(self, of: GraphQLNamedType) -> GraphQLNamedType:
        if is_abstract_type(of):
            possible: list[GraphQLNamedType] = [of, *self._schema.get_possible_types(of)]
            chosen: GraphQLNamedType = self._random.choice(possible)
            return chosen
        interfaces = of.interfaces if isinstance(of, GraphQLObjectType) else ()
        return of if not interfaces else self._random.choice([of, *interfaces])

    def _field(self, of: GraphQLNamedType, depth: int) -> str:
        every: Mapping[str, GraphQLField] = getattr(of, "fields", {})
        fields = {name: each for name, each in every.items() if name not in EXCLUDED_FIELDS}
        shallow = [name for name, each in fields.items() if is_leaf_type(get_named_type(each.type))]
        names = shallow if depth >= _MAX_DEPTH else list(fields)
        deep = [name for name in names if name not in shallow]
        name = self._random.choice(["__typename", *names, *deep, *deep])
        if name == "__typename":
            return f"a{self._number()}: {name} {self._directive()}"
        field = fields[name]
        named = get_named_type(field.type)
        below = "" if is_leaf_type(named) else self._selections(named, depth + 1)
        return f"a{self._number()}: {name}{self._arguments(name, field)} {self._directive()} {below}"

    def _arguments(self, of: str, field: GraphQLField) -> str:
        chosen = {
            name: argument.type
            for name, argument in field.args.items()
            if is_required_argument(argument) or self._random.random() < 0.5
        }
        written = [f"{name}: {text}" for name, kind in chosen.items() if (text := self._value(of, name, kind))]
        return f"({', '.join(written)})" if written else ""

    def _value(self, of: str, name: str, kind: GraphQLInputType) -> str:
        nullable = get_nullable_type(kind)
        own = next((key for key in (f"{of}.{name}", name) if key in self._literals), None)
        if own is not None:
            return self._random.choice(self._literals[own])
        if is_list_type(nullable):
            return f"[{', '.join(self._value(of, name, nullable.of_type) for _ in range(self._random.randint(0, 2)))}]"
        if is_enum_type(nullable):
            return str(self._random.choice(sorted(nullable.values)))
        named = get_named_type(nullable)
        return self._random.choice(self._literals[named.name]) if named.name in self._literals else ""

    def _directive(self) -> str:
        kind = self._random.choice([""] * 8 + ["literal", "variable"])
        if not kind:
            return ""
        flag, is_included = self._random.choice(["include", "skip"]), self._random.random() < 0.5
        if kind == "literal":
            return f"@{flag}(if: {'true' if is_included else 'false'})"
        name = f"v{len(self.flags)}"
        self.flags[name] = is_included
        return f"@{flag}(if: ${name})"

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers


def generate_document(seed: int, schema: GraphQLSchema, literals: Literals) -> tuple[str, dict[str, bool]]:
    """Return a document and the values of its variables, which depend only on the seed."""
    writer = DocumentWriter(seed, schema, literals)
    return writer.operation(), writer.flags
