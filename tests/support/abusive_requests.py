"""Random requests that ask for much work: the grammar of abuse, of which hypothesis searches the dearest sentence."""

from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from hypothesis import strategies as st

_NUMBERS: Final = count()
_TRACK: Final = "id title engine mode measuredDurationSeconds instrumental playbackUrl licence { class version }"
_NODE: Final = (
    "... on Track { title playbackUrl stems { url } chords { symbol } receipt waveform(points: 2000) } "
    "... on Collection { name tracks(first: 20) { edges { node { title playbackUrl report { notes } } } } } "
)
_TYPES: Final = (
    "types { name fields { name args { name type { name ofType { name } } } type { name ofType { name } } } }"
)


@dataclass(frozen=True, slots=True)
class Abuse:
    """How often each part of a document occurs; the limits are below the largest values."""

    root: str
    aliases: int
    first: int
    repeats: int
    fragments: int
    fragment_fields: int
    depth: int
    unions: int
    directives: int
    arguments: int
    input_fields: int
    list_items: int
    variables: int
    keys: int
    items: int
    characters: int
    is_unknown: bool
    is_anonymous: bool
    by_get: bool

    def render(self, token: str, node_id: str) -> dict[str, Any]:
        """Return the body of the request. No two are equal, so that nothing is cached."""
        name = "unknown" if self.is_unknown else "__typename"
        body = self._body(name)
        selections = " ".join(
            self._root(f"a{number}: ", body, token, node_id) for number in range(max(self.aliases, 1))
        )
        kind = "mutation" if self.root == "create" else "query"
        declared = " ".join(f"$v{number}: Int = {number}" for number in range(self.variables))
        variables = f"({declared} $i: CreateCollectionInput)" if self.root == "create" or declared else ""
        fragments = " ".join(self._fragment(number, name) for number in range(self.fragments))
        text = f"{kind} Q{next(_NUMBERS)}{variables} {{ {selections} }} {fragments}"
        values = {f"k{number}": number for number in range(self.keys)}
        return {"query": text, "variables": {"i": {"name": "x", **values, "list": ["x"] * self.items}}}

    def _body(self, name: str) -> str:
        nested = "{ " + "x: __typename ...on Query { " * self.depth + name + " }" * self.depth + " }"
        parts = [
            *(f"f{number}: {name}{self._arguments()}" for number in range(self.repeats)),
            *[f"{name} "] * self.repeats,
            *[f"... {{ {name} }}"] * self.unions,
            "__typename " + f"@include(if: {'true' if self.repeats % 2 else '$v0'}) " * self.directives,
            *(f"...F{number}" for number in range(self.fragments)),
        ]
        return " ".join(parts) + (f" ... {nested}" if self.depth else "")

    def _arguments(self) -> str:
        return f"({' '.join(f'x{number}: 1' for number in range(self.arguments))})" if self.arguments else ""

    def _fragment(self, number: int, name: str) -> str:
        on = {"shared": "SharedTrack", "viewer": "Viewer", "schema": "__Schema"}.get(self.root, "Node")
        spread = f"...F{number + 1}" if number + 1 < self.fragments and self.repeats % 2 else ""
        fields = " ".join(f"g{number}x{field}: {name}" for field in range(self.fragment_fields))
        return f"fragment F{number} on {on} {{ {name} {fields} {spread} }}"

    def _root(self, alias: str, body: str, token: str, node_id: str) -> str:
        match self.root:
            case "shared":
                tracks = f"{alias}tracks(first: {self.first}) {{ {_TRACK} {body} }}"
                return f'{alias}sharedLink(token: "{token}") {{ collection {{ {tracks} }} }}'
            case "schema":
                return f"{alias}__schema {{ {_TYPES} {body} }}"
            case "nodes":
                ids = f'"{node_id}" ' * self.first + '"x" ' * self.list_items
                return f"{alias}nodes(ids: [{ids}]) {{ {_NODE} {body} }}"
            case "create":
                fields = " ".join(f"b{number}: {number}" for number in range(self.input_fields))
                text = "é" * self.characters
                given = f'{{ name: "{text}" {fields} l: [{"1 " * self.list_items}] }}'
                return f"{alias}createCollection(input: {given if self.input_fields else '$i'}) {{ __typename }}"
            case "verify":
                return f'{alias}verifyTrack(sha256: "{"a" * self.characters}") {{ __typename }}'
            case _:
                page = f"library(first: {self.first}) {{ edges {{ node {{ id }} }} }}"
                return f"{alias}viewer {{ {body} organizations {{ {page} }} }}"


def _amount(limit: int) -> st.SearchStrategy[int]:
    """Often nothing, so that some documents are valid, and sometimes as much as a limit allows or a little more."""
    return st.one_of(
        st.just(0), st.just(0), st.integers(0, 3), st.integers(0, limit), st.integers(limit * 9 // 10, limit * 11 // 10)
    )


ABUSE: Final = st.builds(
    Abuse,
    root=st.sampled_from(["viewer", "shared", "schema", "nodes", "create", "verify"]),
    aliases=st.one_of(st.just(1), _amount(20)),
    first=_amount(100),
    repeats=_amount(45),
    fragments=_amount(100),
    fragment_fields=_amount(20),
    depth=_amount(15),
    unions=_amount(100),
    directives=_amount(50),
    arguments=_amount(20),
    input_fields=_amount(100),
    list_items=_amount(500),
    variables=_amount(100),
    keys=_amount(1_000),
    items=_amount(10_000),
    characters=st.one_of(st.integers(0, 100), st.integers(0, 40_000)),
    is_unknown=st.booleans(),
    is_anonymous=st.booleans(),
    by_get=st.booleans(),
)
