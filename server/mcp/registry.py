"""Declaration of tools: a function, its arguments, and hints for agents."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar, get_type_hints

import mcp_types
from music_studio_client import AsyncMusicStudio

from server.mcp.arguments import Arguments
from server.mcp.tool_results import ToolResult

Report = Callable[[float, float | None, str | None], Awaitable[None]]
"""Reports progress, total and a message to a client that follows the progress of its call."""

ArgumentsT = TypeVar("ArgumentsT", bound=Arguments)
Handler = Callable[[AsyncMusicStudio, ArgumentsT, Report], Awaitable[ToolResult]]

_TITLES: Final = "title"


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: the docstring of its handler is the description that agents read."""

    handler: Handler[Any]
    arguments: type[Arguments]
    description: mcp_types.Tool


def tool(title: str, *, reads: bool = False, repeatable: bool = False, destroys: bool = False) -> Callable[..., Tool]:
    """Declare a tool. It only reads, or a repeated call changes nothing more, or it destroys something."""

    def declare(handler: Handler[ArgumentsT]) -> Tool:
        arguments = get_type_hints(handler)["arguments"]
        annotations = mcp_types.ToolAnnotations(
            read_only_hint=reads,
            destructive_hint=destroys,
            idempotent_hint=reads or repeatable,
            open_world_hint=False,
        )
        description = mcp_types.Tool(
            name=handler.__name__,
            title=title,
            description=inspect.getdoc(handler),
            input_schema=_without_titles(arguments.model_json_schema()),
            annotations=annotations,
        )
        return Tool(handler, arguments, description)

    return declare


def _without_titles(schema: Any, *, is_properties: bool = False) -> Any:  # noqa: ANN401  JSON
    """Return a JSON schema without the titles that pydantic derives from names: they repeat them."""
    if isinstance(schema, list):
        return [_without_titles(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _without_titles(value, is_properties=name in {"properties", "$defs"} and not is_properties)
        for name, value in schema.items()
        if is_properties or name != _TITLES
    }
