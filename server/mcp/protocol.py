"""The MCP server of both transports: lists the tools, calls them, and turns errors into results that agents read."""

import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel.server import Server
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
)
from music_studio_client import (
    ApiError,
    AsyncMusicStudio,
    ConnectionFailedError,
    InvalidInputError,
    SpendCapError,
    StudioError,
    TemporaryError,
)

from core import logs
from core.errors import InvalidInput
from core.version import VERSION
from resolvers.access.validation import Unvalidated
from server.mcp.focus_tools import focus
from server.mcp.generation_tools import (
    cancel_generation,
    create_track,
    explain_prompt,
    list_engines,
    quote,
    wait_for_track,
)
from server.mcp.registry import Tool
from server.mcp.tool_results import ToolRefusedError, ToolResult
from server.mcp.track_tools import get_track, search_library, share_track

log = logging.getLogger(__name__)

Connect = Callable[[ServerRequestContext[Any, Any]], AbstractAsyncContextManager[AsyncMusicStudio]]
"""Opens the client that the tools of one call use."""

_INSTRUCTIONS: Final = """Make, find and share music.
1. explain_prompt shows what a prompt does, quote its price in CHF. Both are free.
2. create_track returns a generation ID at once. The track is charged when it is finished.
3. wait_for_track returns the track; while is_finished is false, call it again.
Links to audio work for some minutes; get_track returns new ones. The licence of a track says how it may be used."""

_MAX_NAME_LENGTH: Final = 64

TOOLS: Final[Mapping[str, Tool]] = {
    tool.description.name: tool
    for tool in (
        list_engines,
        explain_prompt,
        quote,
        create_track,
        wait_for_track,
        cancel_generation,
        get_track,
        search_library,
        share_track,
        focus,
    )
}


def build_server(connect: Connect) -> Server[Any]:
    """Build a server whose tools use the clients that ``connect`` opens."""

    async def list_tools(
        _ctx: ServerRequestContext[Any, Any], _params: PaginatedRequestParams | None
    ) -> ListToolsResult:
        return ListToolsResult(tools=[tool.description for tool in TOOLS.values()])

    async def call_tool(ctx: ServerRequestContext[Any, Any], params: CallToolRequestParams) -> CallToolResult:
        tool = TOOLS.get(params.name)
        if tool is None:
            raise MCPError(
                INVALID_PARAMS, f"Unknown tool: {params.name[:_MAX_NAME_LENGTH]}. Tools: {', '.join(TOOLS)}."
            )
        try:
            arguments = Unvalidated(tool.arguments, params.arguments or {}).validate()
        except InvalidInput as refusal:
            return _error_result(refusal)
        try:
            async with connect(ctx) as studio:
                return _result(await tool.handler(studio, arguments, ctx.session.report_progress))
        except (StudioError, ToolRefusedError) as error:
            return _error_result(error)
        except Exception:
            log.exception("tool failed", extra={"tool": params.name})
            return _error_result(None)

    return Server(
        "music-studio",
        version=VERSION,
        title="Music Studio",
        instructions=_INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def _result(result: ToolResult) -> CallToolResult:
    fields = {name: value for name, value in result.fields.items() if value is not None}
    text = TextContent(text=json.dumps(fields, ensure_ascii=False))
    return CallToolResult(content=[text, *result.content], structured_content=fields)


def _error_result(error: Exception | None) -> CallToolResult:
    """Return an error with the code of the API. None is an unexpected exception, which is masked."""
    fields: dict[str, object] = {"code": "INTERNAL_ERROR", "message": "An internal error occurred."}
    match error:
        case InvalidInput() | InvalidInputError():
            problems = [{"argument": _argument(each.path), "message": each.message} for each in error.problems]
            fields = {"code": error.code, "message": "Arguments are invalid.", "problems": problems}
        case ApiError() | ToolRefusedError():
            fields = {"code": error.code, "message": str(error)}
        case ConnectionFailedError():
            fields = {"code": "CONNECTION_FAILED", "message": str(error)}
        case StudioError():
            fields = {"code": "ERROR", "message": str(error)}
    match error:
        case SpendCapError():
            fields |= {"window": error.window, "limit_chf": str(error.limit_chf), "spent_chf": str(error.spent_chf)}
            fields["resets_at"] = error.resets_at.isoformat()
        case TemporaryError():
            fields["retry_after_seconds"] = error.retry_after_seconds
    logs.report_error_code(str(fields["code"]))
    if trace_id := logs.trace_id.get():
        fields["trace_id"] = trace_id
    return CallToolResult(
        content=[TextContent(text=json.dumps({"error": fields}, ensure_ascii=False))],
        structured_content={"error": fields},
        is_error=True,
    )


def _argument(path: Sequence[str | int]) -> str:
    """Return the name of an argument, also of a field in the GraphQL schema."""
    names = path[1:] if path[0] == "instruments" and len(path) > 1 else path
    text = ".".join(map(str, names))[:_MAX_NAME_LENGTH]
    return re.sub(r"(?<=[a-z])([A-Z])", lambda match: f"_{match[1].lower()}", text)
