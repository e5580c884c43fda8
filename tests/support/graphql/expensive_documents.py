"""Small documents that request excessive work, by name, with the code of the refusal."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple


class Document(NamedTuple):
    """An operation and the code of its refusal."""

    text: str
    code: str | None = "DOCUMENT_TOO_LARGE"
    variables: Mapping[str, Any] | None = None


def _many(part: str, count: int) -> str:
    return " ".join(part.replace("#", str(number)) for number in range(count))


def _nested(outer: str, inner: str, count: int) -> str:
    return f"{outer} {{ " * count + inner + " }" * count


def _doubling(levels: int) -> str:
    fragments = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels))
    return f"{{ ...F0 }} {fragments} fragment F{levels} on Query {{ __typename }}"


_PAGES: Final = "collections(first: 100) { edges { node { tracks(first: 100) { edges { node { title } } } } } }"
_LONG_PAGE: Final = 'query($n: Int!) { organization(id: "") { library(first: $n) { edges { cursor } } } }'
_CIRCLE: Final = "fragment A on Query { ...B } fragment B on Query { ...A }"
_FRAGMENT: Final = "fragment F on Query { __typename }"
_OVERLAPPING: Final = "fragment F# on Viewer { id name organizations { id name } }"
_CREATE: Final = "mutation { createCollection(input: {FIELDS}) { __typename } }"
_CREATE_BY_VARIABLE: Final = "mutation($i: CreateCollectionInput!) { createCollection(input: $i) { __typename } }"
INVALID: Final = "DOCUMENT_INVALID"

DOCUMENTS: Final = {
    "fragments that double sixty times": Document(_doubling(60)),
    "fragments that need each other": Document("{ ...A } " + _CIRCLE, INVALID),
    "fragments that overlap": Document("{ viewer { " + _many("...F#", 90) + " } } " + _many(_OVERLAPPING, 90)),
    "unused fragments": Document("{ __typename } " + _many("fragment F# on Query { __typename }", 250)),
    "a fragment used a thousand times": Document("{ " + "...F " * 900 + "} " + _FRAGMENT),
    "a deep selection": Document("{ viewer { " + _nested("organizations", "id", 180) + " } }"),
    "deep inline fragments": Document("{ " + _nested("... on Query", "__typename", 1_200) + " }", INVALID),
    "a thousand aliases": Document("{ viewer { " + _many("a#: id", 600) + " } }"),
    "hundreds of root fields": Document("{ " + "viewer { id } " * 450 + "}"),
    "hundreds of directives": Document("{ viewer { id " + "@include(if: true) " * 250 + "} }"),
    "hundreds of operations": Document(_many("query A# { __typename }", 350)),
    "hundreds of variables": Document("query(" + _many("$v#: Int = 1", 300) + ") { __typename }"),
    "hundreds of arguments": Document("{ viewer { id(" + _many("a#: 1", 600) + ") } }"),
    "one field two thousand times": Document("{ viewer { " + "id " * 1_900 + "} }"),
    "two thousand fields that nearly are": Document("{ viewer { " + _many("nam# organizatons#", 950) + " } }"),
    "pages of pages": Document('{ organization(id: "") { ' + _PAGES + " } }"),
    "a page as long as a variable says": Document(_LONG_PAGE, variables={"n": 2_000_000_000}),
    "thirty thousand ids": Document(
        "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", variables={"ids": ["mtrack_0"] * 30_000}
    ),
    "types of types": Document("{ __schema { types { fields { type { " + _nested("ofType", "name", 40) + " } } } } }"),
    "a list in a list in a list": Document("{ nodes(ids: " + "[" * 900 + "]" * 900 + ") { id } }", INVALID),
    "hundreds of unknown input fields": Document(_CREATE.replace("FIELDS", _many("a#: 1", 600))),
    "unknown input fields by default": Document(
        "mutation($i: CreateCollectionInput! = {" + _many("a#: 1", 600) + "}) "
        "{ createCollection(input: $i) { __typename } }"
    ),
    "forty thousand unknown keys": Document(
        _CREATE_BY_VARIABLE, variables={"i": {f"key{number}": number for number in range(40_000)}}
    ),
    "forty thousand variables": Document("{ __typename }", variables={f"v{number}": 1 for number in range(40_000)}),
    "nested variables": Document(_CREATE_BY_VARIABLE, variables={"i": {"name": [[[[[[[[[[[1]]]]]]]]]]]}}),
    "hundreds of ids": Document("{ nodes(ids: [" + "1 " * 900 + "]) { id } }"),
    "one name for two hundred fields": Document("{ viewer { " + "organizations { id } " * 190 + "} }"),
    "as many unknown input fields as allowed": Document(
        _CREATE.replace("FIELDS", _many("a#: 1", 98) + ' name: "' + "x" * 40_000 + '"'), INVALID
    ),
    "a hundred thousand words": Document("{ viewer { " + "id " * 100_000 + "} }"),
    "a million blanks": Document("{" + " " * 900_000 + "__typename }"),
    "a string of a million signs": Document('{ node(id: "' + "x" * 900_000 + '") { id } }'),
}
