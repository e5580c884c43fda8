"""Logging set-up: one JSON object a line, each with the trace id of the request or job it belongs to."""

import json
import logging
import re
from collections.abc import Callable
from contextvars import ContextVar
from itertools import islice
from typing import Final, Literal

from pydantic import TypeAdapter

from core import clock

trace_id: ContextVar[str | None] = ContextVar("trace_id", default=None)
"""The id of the request or job at hand; the doors and the workers set it."""

trace_parent: ContextVar[str | None] = ContextVar("trace_parent", default=None)
"""The W3C ``traceparent`` of the span at hand, if spans are recorded."""

listener: ContextVar[Callable[[str], None] | None] = ContextVar("listener", default=None)
"""Who wants to hear which error codes the request at hand was answered with."""

_LINE: Final = TypeAdapter(dict[str, object]).serializer
_JSON: Final = json.JSONEncoder(default=str, ensure_ascii=False, separators=(",", ":"))

_STANDARD: Final = len(vars(logging.makeLogRecord({})))
"""So many attributes does every record have, before all others."""

_DERIVED: Final = frozenset({"message", "asctime", "color_message"})
"""What other formatters may have added since."""


_SECRETS: Final = {
    mark: re.compile(f"({kind}){secret}", re.ASCII | re.IGNORECASE)
    for mark, kind, secret in (
        ("ak_", "ak_", r"[0-9A-Za-z]{8,}"),
        ("shr_", "shr_", r"[0-9A-Za-z]{8,}"),
        ("whsec_", "whsec_", r"[0-9A-Za-z+/=_-]+"),
        ("eyj", "eyJ", r"[\w-]+\.[\w-]+\.[\w-]*"),
        ("signature=", "signature=", r"[^&\s\"']+"),
        ("://", r"://[^:/@\s\"']*:", r"[^@/\s\"']+(?=@)"),
    )
}
"""API keys, share tokens, webhook secrets, bearer tokens, signatures of links, passwords in addresses.

Each with what it begins with, in small letters, and in its first group what may be left of it.
"""


def redacted(text: str) -> str:
    """The text without what opens anything."""
    # most texts hold nothing of the kind, and every line of log comes by
    small = text.lower()
    for mark, secret in _SECRETS.items():
        if mark in small:
            text = secret.sub(r"\1…", text)
    return text


def configure(level: str, style: Literal["json", "text"]) -> None:
    """Send everything to standard error in one style. Call once, at the start of a process."""
    # no line of ours tells what these would find out for each of them
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # noqa: SLF001  the library's own advice for who needs no caller's file and line
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if style == "json" else _TextFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "rq.worker"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    for noisy in ("asyncio", "alembic", "httpx", "strawberry.execution"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
    # these would write down headers and whole messages
    for talkative in ("uvicorn.error", "httpcore", "websockets", "urllib3", "google"):
        logging.getLogger(talkative).setLevel(max(logging.INFO, root.level))


def note(code: str) -> None:
    """Tell that an answer carries this error code."""
    hear = listener.get()
    if hear is not None:
        hear(code)


class JsonFormatter(logging.Formatter):
    """A record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        line = {
            "time": clock.iso(clock.now()),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_context(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return redacted(_encoded(line))


def _encoded(line: dict[str, object]) -> str:
    try:
        return _LINE.to_json(line, fallback=str).decode()
    except ValueError:
        # text that no encoding knows
        return _JSON.encode(line)


class _TextFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        context = " ".join(f"{name}={value}" for name, value in _context(record).items())
        line = f"{clock.now():%H:%M:%S} {record.levelname.lower():7} {record.getMessage()}"
        line = f"{line}  {context}" if context else line
        return redacted(f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line)


def _context(record: logging.LogRecord) -> dict[str, object]:
    added = islice(vars(record).items(), _STANDARD, None)
    extra = {name: value for name, value in added if name not in _DERIVED}
    return extra if trace_id.get() is None else {"trace_id": trace_id.get(), **extra}
