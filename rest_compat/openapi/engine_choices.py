"""Schemas of request bodies that depend on the enabled engines."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from core.focus import Goal
from engines.port import EngineInfo
from rest_compat.fields import NULL, Schema, rule


def _create_generation(schema: Schema, engines: Sequence[EngineInfo]) -> Schema:
    fields = schema["properties"]
    engine = {"type": "string", "enum": [info.key for info in engines], "description": fields["engine"]["description"]}
    rules = [
        rule("instrumental", True, {"lyrics": NULL}),
        *(rule("engine", info.key, _limits(info)) for info in engines),
    ]
    return {**schema, "properties": {**fields, "engine": engine}, "allOf": rules}


def _limits(info: EngineInfo) -> Mapping[str, Schema]:
    duration: dict[str, Schema] = {"duration_seconds": {"maximum": info.max_duration_seconds}}
    return duration if info.supports_lyrics else {**duration, "lyrics": NULL}


def _start_focus_session(schema: Schema, engines: Sequence[EngineInfo]) -> Schema:
    fields = schema["properties"]
    keys = [*(info.key for info in engines if info.supports_focus), None]
    engine = {"type": ["string", "null"], "enum": keys, "description": fields["engine"]["description"]}
    # other goals ignore a prompt of any type
    ignored = {"description": fields["custom_prompt"]["description"]}
    prompt = {**fields["custom_prompt"], "type": "string"}
    prompt_rule = {
        "if": {"properties": {"goal": {"const": Goal.CUSTOM_PROMPT.value}}, "required": ["goal"]},
        "then": {"properties": {"custom_prompt": prompt}, "required": ["custom_prompt"]},
    }
    return {**schema, "properties": {**fields, "custom_prompt": ignored, "engine": engine}, "allOf": [prompt_rule]}


RESTRICTIONS: Final[Mapping[str, Callable[[Schema, Sequence[EngineInfo]], Schema]]] = {
    "CreateGeneration": _create_generation,
    "StartFocusSession": _start_focus_session,
}
"""By component: a function that restricts its schema to what the engines support."""
