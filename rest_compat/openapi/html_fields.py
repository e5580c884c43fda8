"""HTML tables of the fields of a schema."""

import json
from collections.abc import Iterator
from typing import Any, Final

from rest_compat.models.fields import Schema
from rest_compat.openapi.markup import Markup, code, element, inline, join, link, table

_FORMATS: Final = {"date-time": "time", "uri": "URL"}
_MAX_INTEGER: Final = 2**31 - 1


def fields_table(caption: str, schema: Schema) -> Markup:
    """Render the properties of an object: name, type and description."""
    required = set(schema.get("required", ()))
    # all fields of responses are required: the mark is useful for requests only
    is_request = len(required) < len(schema["properties"])
    rows = (
        (name_cell(name, is_required=is_request and name in required), type_cell(field), description_cell(field))
        for name, field in _flatten(schema)
    )
    return table(caption, ("Field", "Type", "Description"), rows)


def name_cell(name: str, *, is_required: bool) -> Markup:
    return join(code(name), " ", element("span", "required", class_="required")) if is_required else code(name)


def description_cell(field: Schema) -> Markup:
    default = field.get("default")
    text = str(field.get("description", ""))
    return inline(text if default is None else f"{text} Default `{str(default).lower()}`.")


def type_cell(field: Schema) -> Markup:
    limits = ", ".join(_limits(field))
    return join(_type(field), element("small", limits)) if limits else _type(field)


def object_link(schema: Schema) -> Markup:
    """Link to the section of the component to which a schema refers."""
    name = schema["$ref"].rpartition("/")[2]
    return link(name, f"#object-{name}")


def _flatten(schema: Schema, prefix: str = "") -> Iterator[tuple[str, Schema]]:
    for name, field in schema["properties"].items():
        yield prefix + name, field
        if "properties" in field:
            yield from _flatten(field, f"{prefix}{name}.")


def _type(field: Schema) -> Markup:
    if "$ref" in field:
        return object_link(field)
    if "anyOf" in field:
        return join(_type(field["anyOf"][0]), " or null")
    types: Any = field.get("type", "anything")
    name, *null = [types] if isinstance(types, str) else types
    suffix = " or null" if null else ""
    if "enum" in field:
        members = (code(str(value)) for value in field["enum"] if value is not None)
        return join(Markup(" · ".join(members)), suffix)
    if "const" in field:
        return code(field["const"] if isinstance(field["const"], str) else json.dumps(field["const"]))
    if name == "array":
        return join("array of ", _type(field["items"]), suffix)
    return join(_FORMATS.get(field.get("format", ""), name), suffix)


def _limits(field: Schema) -> Iterator[str]:
    low, high = field.get("minLength", 0), field.get("maxLength")
    if high is not None:
        yield f"{low} to {high} characters" if low else f"up to {high} characters"
    if "maxItems" in field:
        inner = ", ".join(_limits(field["items"]))
        yield f"up to {field['maxItems']}" + (f", each {inner}" if inner else "")
    if "exclusiveMinimum" in field:
        yield f"above {field['exclusiveMinimum']}"
    if "minimum" in field:
        has_maximum = field.get("maximum", _MAX_INTEGER) < _MAX_INTEGER
        yield f"{field['minimum']} to {field['maximum']}" if has_maximum else f"{field['minimum']} or more"
