"""Schemas in words: what a field may hold, and tables of fields."""

import json
from collections.abc import Iterator
from typing import Any, Final

from rest_compat.models.fields import Schema
from rest_compat.openapi import markup
from rest_compat.openapi.markup import Markup, element

_FORMATS: Final = {"date-time": "time", "uri": "address"}


def table(caption: str, schema: Schema) -> Markup:
    """The properties of an object: name, kind, meaning."""
    required = set(schema.get("required", ()))
    # an answer always has every field: only what callers send is worth the words
    is_request = len(required) < len(schema["properties"])
    rows = [
        (joined_name(name, is_request and name in required), kind(field), markup.inline(meaning(field)))
        for name, field in _flat(schema)
    ]
    return markup.table(caption, ("Field", "Kind", "Meaning"), rows)


def joined_name(name: str, is_required: bool) -> Markup:  # noqa: FBT001  the one thing to know about a name
    """A field's name, and whether it must be there."""
    mark = element("span", "required", class_="required") if is_required else ""
    return markup.joined(element("code", name), " ", mark) if mark else element("code", name)


def meaning(field: Schema) -> str:
    """What a field is for, with its default."""
    text = str(field.get("description", ""))
    default = field.get("default")
    return text if default is None else f"{text} Default `{str(default).lower()}`."


def kind(field: Schema) -> Markup:
    """What a field may hold: its type, members and limits."""
    words = _type(field)
    limits = ", ".join(_limits(field))
    return markup.joined(words, element("small", limits)) if limits else words


def component(reference: str) -> str:
    """The name at the end of a reference."""
    return reference.rpartition("/")[2]


def _flat(schema: Schema, prefix: str = "") -> Iterator[tuple[str, Schema]]:
    """The properties, each followed by its own."""
    for name, field in schema["properties"].items():
        yield prefix + name, field
        if "properties" in field:
            yield from _flat(field, f"{prefix}{name}.")


def _type(field: Schema) -> Markup:
    if "$ref" in field:
        name = component(field["$ref"])
        return element("a", name, href=f"#object-{name}")
    if "anyOf" in field:
        return markup.joined(_type(field["anyOf"][0]), " or null")
    types: Any = field.get("type", "anything")
    names = [types] if isinstance(types, str) else list(types)
    if "enum" in field:
        members = [element("code", str(value)) for value in field["enum"] if value is not None]
        said = markup.joined(*(piece for member in members for piece in (" · ", member)))
        return Markup(said.removeprefix(" · ") + (" or null" if "null" in names else ""))
    if "const" in field:
        return element("code", _written(field["const"]))
    first = _FORMATS.get(field.get("format", ""), names[0])
    if first == "array":
        return markup.joined("array of ", _type(field["items"]), " or null" if "null" in names else "")
    return Markup(" or ".join([first, *names[1:]]))


def _written(value: object) -> str:
    """A constant as JSON has it, a text without its quotes."""
    return value if isinstance(value, str) else json.dumps(value)


def _limits(field: Schema) -> Iterator[str]:
    low, high = field.get("minLength", 0), field.get("maxLength")
    if high is not None:
        yield f"{low} to {high} characters" if low else f"up to {high} characters"
    if "maxItems" in field:
        inner = ", ".join(_limits(field["items"]))
        yield f"up to {field['maxItems']}" + (f", each {inner}" if inner else "")
    if "exclusiveMinimum" in field:
        yield f"above {field['exclusiveMinimum']}"
    if "minimum" in field and "maximum" in field and field["maximum"] < 2**31 - 1:
        yield f"{field['minimum']} to {field['maximum']}"
    elif "minimum" in field:
        yield f"{field['minimum']} or more"
