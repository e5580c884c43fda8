"""Schemas of what callers send, made from the commands that judge it, so that no limit stands twice."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import TypeAdapter

from rest_compat.openapi.descriptions import Parameter
from rest_compat.openapi.json_schema import Schema

# says what trimming and storing mean: something besides blanks, and no NUL
_FILLED: Final = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"
_STORABLE: Final = r"^[^\u0000]*$"


def body(kind: type[object], description: str, descriptions: Mapping[str, str]) -> Schema:
    """A command as a JSON object. Every field needs a description: KeyError tells of one that has none."""
    source = TypeAdapter(kind).json_schema()
    properties = {
        name: {**_plain(schema, source), "description": descriptions[name]}
        for name, schema in source["properties"].items()
    }
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": source.get("required", []),
        "additionalProperties": source["additionalProperties"],
    }


def query(kind: type[object], descriptions: Mapping[str, str]) -> Sequence[Parameter]:
    """A command as query parameters."""
    source = TypeAdapter(kind).json_schema()
    return [
        Parameter(name, "query", _never_null(_plain(schema, source)), descriptions[name])
        for name, schema in source["properties"].items()
    ]


def header(kind: type[object], field: str, name: str, description: str) -> Parameter:
    """A field of a command that may come as a header instead."""
    source = TypeAdapter(kind).json_schema()
    return Parameter(name, "header", _never_null(_plain(source["properties"][field], source)), description)


def _plain(schema: Schema, source: Schema) -> dict[str, Any]:
    """Without pydantic's titles, references and defaults that say nothing."""
    if "$ref" in schema:
        target = source["$defs"][schema["$ref"].rpartition("/")[2]]
        schema = {"type": target["type"], "enum": target["enum"], **schema}
    plain = {key: value for key, value in schema.items() if key not in {"$ref", "title", "description"}}
    if plain.get("default") is None or plain["default"] == []:
        plain.pop("default", None)
    if "anyOf" in plain:
        present = _plain(plain.pop("anyOf")[0], source)
        plain = {**present, **plain, "type": [present["type"], "null"]}
        if "enum" in plain:
            plain["enum"] = [*plain["enum"], None]
    if "items" in plain:
        plain["items"] = _plain(plain["items"], source)
    if "maxLength" in plain:
        plain["pattern"] = _FILLED if plain["minLength"] else _STORABLE
    return plain


def _never_null(schema: Mapping[str, Any]) -> Schema:
    """A query and a header leave out what they do not say."""
    if not isinstance(schema["type"], list):
        return schema
    plain = {**schema, "type": schema["type"][0]}
    if "enum" in plain:
        plain["enum"] = [value for value in plain["enum"] if value is not None]
    return plain
