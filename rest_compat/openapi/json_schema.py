"""Pieces of JSON Schema in the contract's words: closed objects, ids, times, closed sets, values that may be null."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from core.ids import Kind

Schema = Mapping[str, Any]

EXAMPLE_MOMENT: Final = "2026-06-28T10:30:00Z"
_EXAMPLE_HEX: Final = "0123456789abcdef01234567"


def closed(description: str, properties: Mapping[str, Schema], **more: object) -> Schema:
    """An object that always has exactly these properties."""
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
        **more,
    }


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """An answer that only says that it is done."""

    schema: Schema
    example: Mapping[str, Any]


def acknowledgement(kind: Kind, what: str, detail: str) -> Acknowledgement:
    """Says that it is done, to what, and in words."""
    schema = closed(
        "It is done.",
        {
            "success": {"type": "boolean", "const": True, "description": "Always true."},
            "id": id_of(kind, what),
            "detail": {"type": "string", "const": detail, "description": "What was done, for people."},
        },
    )
    return Acknowledgement(schema, {"success": True, "id": example_id(kind), "detail": detail})


def page_of(array: str, item: str, description: str) -> Schema:
    """An offset list of a component under the name ``array``."""
    return closed(
        description,
        {
            array: array_of(ref(item), "One page."),
            "limit": integer("As asked.", minimum=1),
            "offset": integer("As asked.", minimum=0),
        },
    )


def ref(component: str, description: str | None = None) -> Schema:
    """A component of the document, and what it is here."""
    reference = {"$ref": f"#/components/schemas/{component}"}
    return reference if description is None else {**reference, "description": description}


def text(description: str, **rules: object) -> Schema:
    """A string that says something."""
    return {"type": "string", "description": description, "minLength": 1, **rules}


def uri(description: str) -> Schema:
    """An absolute address."""
    return {"type": "string", "format": "uri", "pattern": "^https?://", "description": description}


def integer(description: str, **rules: object) -> Schema:
    """A whole number."""
    return {"type": "integer", "description": description, **rules}


def number(description: str, **rules: object) -> Schema:
    """Any number."""
    return {"type": "number", "description": description, **rules}


def flag(description: str) -> Schema:
    """True or false."""
    return {"type": "boolean", "description": description}


def array_of(items: Schema, description: str, **rules: object) -> Schema:
    """A list."""
    return {"type": "array", "items": items, "description": description, **rules}


def moment(description: str) -> Schema:
    """ISO 8601 in UTC, whole seconds."""
    pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"
    return {"type": "string", "format": "date-time", "pattern": pattern, "description": description}


def id_of(kind: Kind, description: str) -> Schema:
    """An id as this server gives them out."""
    return {"type": "string", "pattern": f"^{kind.value}_[0-9a-f]{{12,64}}$", "description": description}


def member_of(members: type[StrEnum], description: str) -> Schema:
    """A member of a closed set."""
    return {"type": "string", "enum": [member.value for member in members], "description": description}


def one_of(values: Sequence[str], description: str) -> Schema:
    """One of these strings."""
    return {"type": "string", "enum": list(values), "description": description}


def null(description: str) -> Schema:
    """Nothing, always."""
    return {"type": "null", "description": description}


def nullable(schema: Schema) -> Schema:
    """The same, or null."""
    if "$ref" in schema:
        meaning = {"description": schema["description"]} if "description" in schema else {}
        return {"anyOf": [{"$ref": schema["$ref"]}, {"type": "null"}], **meaning}
    return {**schema, "type": [schema["type"], "null"]}


def when(name: str, value: object, then: Mapping[str, Schema], otherwise: Mapping[str, Schema]) -> Schema:
    """A rule of an object: what holds of other properties when one has this value, and when it has not."""
    condition = {"properties": {name: {"const": value}}, "required": [name]}
    rule: dict[str, Schema] = {"if": condition, "then": {"properties": then}}
    return {**rule, "else": {"properties": otherwise}} if otherwise else rule


def example_id(kind: Kind) -> str:
    """An id for examples."""
    return f"{kind.value}_{_EXAMPLE_HEX}"
