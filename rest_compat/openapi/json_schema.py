"""JSON Schema and examples of models, made with pydantic and reduced to what readers of the document need."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import TypeAdapter

from rest_compat.fields import NULL, Schema

_PREFIX: Final = "#/components/schemas/"

# what trimming and storing text require: something besides white space, and no NUL
_NOT_BLANK: Final = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"
_STORABLE: Final = r"^[^\u0000]*$"
_BLANK: Final = r"^\s*$"

EMPTY: Final = {"type": ["null", "string"], "pattern": _BLANK}
"""Null or blank text, which mean that an optional field is left out."""


def ref(component: str) -> Schema:
    return {"$ref": f"{_PREFIX}{component}"}


def definitions(*models: type[object]) -> dict[str, Schema]:
    """Return pydantic's schemas of models and of all types to which they refer, by name."""
    # one adapter for all models, because each one takes milliseconds
    adapter: TypeAdapter[object] = TypeAdapter(tuple[models])  # type: ignore[valid-type]  # known at run time only
    found: dict[str, Schema] = adapter.json_schema(ref_template=f"{_PREFIX}{{model}}")["$defs"]
    return found


def components(found: Mapping[str, Schema]) -> dict[str, Schema]:
    """Return the schemas of the objects among definitions. Enums and private models are inlined."""
    return {
        name: simplify(schema, found)
        for name, schema in found.items()
        if "properties" in schema and not name.startswith("_")
    }


def properties(model: type[object]) -> Mapping[str, Schema]:
    """Return the schemas of the fields of one model."""
    fields: Mapping[str, Schema] = components(definitions(model))[model.__name__]["properties"]
    return fields


def simplify(schema: Schema, found: Mapping[str, Schema]) -> dict[str, Any]:
    """Drop titles, examples and defaults without meaning, inline enums, and close objects."""
    simple = {key: value for key, value in schema.items() if key not in {"title", "examples"}}
    if simple.get("additionalProperties") is True:
        del simple["additionalProperties"]
    target = _target(schema, found)
    if "enum" in target:
        simple = {"type": target["type"], "enum": target["enum"], **simple}
        del simple["$ref"]
    elif target and _name(schema).startswith("_"):
        simple = {**simplify(target, found), "description": simple["description"]}
    if simple.get("default") is None or simple["default"] == []:
        simple.pop("default", None)
    if "anyOf" in simple:
        simple = _nullable(simplify(simple.pop("anyOf")[0], found), simple)
    for key in ("items", "additionalProperties"):
        if isinstance(simple.get(key), dict):
            simple[key] = simplify(simple[key], found)
    if "properties" in simple:
        simple["properties"] = {name: simplify(field, found) for name, field in simple["properties"].items()}
        simple = {"required": [], "additionalProperties": False, **simple}
    if "maxLength" in simple:
        simple.setdefault("pattern", _NOT_BLANK if simple["minLength"] else _STORABLE)
    return simple


def accept_empty(schema: Schema, names: Iterable[str]) -> Schema:
    """Return the schema of a request body that accepts null and blank text in these fields."""
    fields = {name: _or_empty(field) if name in names else field for name, field in schema["properties"].items()}
    return {**schema, "properties": fields}


def _or_empty(field: Schema) -> Schema:
    if "type" not in field:
        return field
    types = field["type"] if isinstance(field["type"], list) else [field["type"]]
    accepting = {**field, "type": list(dict.fromkeys([*types, "string", "null"]))}
    if "enum" in field:
        return {**accepting, "enum": list(dict.fromkeys([*field["enum"], "", None]))}
    # a pattern restricts texts only
    if "string" not in types:
        return {**accepting, "pattern": _BLANK}
    accepting.pop("minLength", None)
    pattern = field["pattern"]
    return {**accepting, "pattern": _STORABLE if pattern in {_NOT_BLANK, _STORABLE} else f"{_BLANK}|{pattern}"}


def never_null(schema: Schema) -> Schema:
    """Return the schema of a parameter, which is omitted rather than null."""
    if not isinstance(schema["type"], list):
        return schema
    plain = {**schema, "type": schema["type"][0]}
    if "enum" in plain:
        plain["enum"] = [value for value in plain["enum"] if value is not None]
    return plain


def example(schema: Schema, found: Mapping[str, Schema]) -> Any:  # noqa: ANN401  JSON
    """Return the example of a schema: its own, or one made of the examples of its fields."""
    if "examples" in schema:
        return schema["examples"][0]
    if "const" in schema or "enum" in schema:
        return schema["const"] if "const" in schema else schema["enum"][0]
    if "properties" in schema:
        return {name: example(field, found) for name, field in schema["properties"].items()}
    if "anyOf" in schema:
        return example(schema["anyOf"][0], found)
    if "$ref" in schema:
        return example(_target(schema, found), found)
    return [example(schema["items"], found)] if "items" in schema else None


def _nullable(present: dict[str, Any], described: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in present:
        return {"anyOf": [present, NULL], **described}
    if "enum" in present:
        present["enum"] = [*present["enum"], None]
    return {**present, **described, "type": [present["type"], "null"]}


def _target(schema: Schema, found: Mapping[str, Schema]) -> Schema:
    return found[_name(schema)] if "$ref" in schema else {}


def _name(schema: Schema) -> str:
    return str(schema["$ref"]).removeprefix(_PREFIX)
