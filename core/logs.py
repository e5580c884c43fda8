"""Logging set-up: one JSON object a line with the trace id of its request or job, and redaction of secrets."""

import json
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Final, Literal, TextIO

from pydantic import TypeAdapter

from core import clock

trace_id: ContextVar[str | None] = ContextVar("trace_id", default=None)
"""The id of the current request or job, set by the server and the workers."""

trace_parent: ContextVar[str | None] = ContextVar("trace_parent", default=None)
"""The W3C ``traceparent`` of the current span, if spans are recorded."""

job_ids: ContextVar[dict[str, None] | None] = ContextVar("job_ids", default=None)
"""The jobs that the current request or worker works on; all tasks of a request share the object."""

_MAX_JOB_IDS: Final = 20
"""Of one WebSocket, which may stay open for days."""

error_code_listener: ContextVar[Callable[[str], None] | None] = ContextVar("listener", default=None)
"""Called with each error code that the response to the current request contains."""

_SERIALIZER: Final = TypeAdapter(dict[str, object]).serializer
_FALLBACK_ENCODER: Final = json.JSONEncoder(default=str, ensure_ascii=False, separators=(",", ":"))

_STANDARD_ATTRIBUTES: Final = len(vars(logging.makeLogRecord({})))
"""The number of standard attributes of a record, which precede those of ``extra``."""

_FORMATTER_ATTRIBUTES: Final = frozenset({"message", "asctime", "color_message"})
"""Attributes that other formatters may have added to a record."""

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
"""Patterns of API keys, share tokens, webhook secrets, bearer tokens, signatures of links and passwords in URLs.

The key of each is a lowercase text that every match contains. The first group of a pattern is not redacted.
"""


def redact(text: str) -> str:
    """Return the text with secrets replaced by "…"."""
    # every log line passes here, and a substring search rejects most of them quickly
    lowercase = text.lower()
    for mark, secret in _SECRETS.items():
        if mark in lowercase:
            text = secret.sub(r"\1…", text)
    return text


def configure(level: str, style: Literal["json", "text"]) -> None:
    """Log to standard error in one style. Call once, at the start of a process."""
    # no line contains these values, which cost time for each record
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # noqa: SLF001  the library's documentation recommends this where the caller's file and line are not needed
    handler = _BatchingHandler()
    handler.setFormatter(JsonFormatter() if style == "json" else _TextFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "rq.worker"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    for noisy in ("asyncio", "alembic", "httpx", "strawberry.execution"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
    # their debug level logs headers and whole messages
    for verbose in ("uvicorn.error", "httpcore", "websockets", "urllib3", "google"):
        logging.getLogger(verbose).setLevel(max(logging.INFO, root.level))


@contextmanager
def batch() -> "Iterator[Batch]":
    """Write the lines that are logged meanwhile at once: a system call costs as much as formatting a line."""
    handlers = [handler for handler in logging.getLogger().handlers if isinstance(handler, _BatchingHandler)]
    for handler in handlers:
        handler.begin()
    try:
        yield Batch(handlers)
    finally:
        for handler in handlers:
            handler.end()


class Batch:
    """Lines that are written at once."""

    def __init__(self, handlers: "Sequence[_BatchingHandler]") -> None:
        self._handlers = handlers
        self._is_direct: dict[str, bool] = {}

    def info(self, logger: logging.Logger, message: str, extra: Mapping[str, object]) -> None:
        """Log what ``logger.info`` would, without a record if only the JSON lines of this process get it."""
        if logger.name not in self._is_direct:
            self._is_direct[logger.name] = len(self._handlers) == 1 and _is_only_handler(self._handlers[0], logger)
        if self._is_direct[logger.name]:
            self._handlers[0].add_line(format_line(time.time(), "info", logger.name, message, extra))
        else:
            logger.info(message, extra=extra)


def _is_only_handler(handler: "_BatchingHandler", logger: logging.Logger) -> bool:
    """Return whether records of a logger at level INFO go to this handler, as JSON, and to nothing else."""
    if not logger.isEnabledFor(logging.INFO) or not isinstance(handler.formatter, JsonFormatter):
        return False
    while logger.parent is not None:
        if logger.handlers or logger.filters or not logger.propagate:
            return False
        logger = logger.parent
    return logger.handlers == [handler] and not handler.filters and handler.level <= logging.INFO


class _BatchingHandler(logging.StreamHandler[TextIO]):
    """Writes each line at once, or in a batch all of them at its end. Lines of other threads may join a batch."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] | None = None

    def begin(self) -> None:
        """Begin a batch. Batches are not nested."""
        with self.lock or nullcontext():
            self._lines = []

    def end(self) -> None:
        """Write the lines of the batch."""
        with self.lock or nullcontext():
            lines, self._lines = self._lines, None
            if lines:
                self.stream.write("".join(lines))
                self.flush()

    def add_line(self, line: str) -> None:
        """Add a line to the batch."""
        if self._lines is not None:
            self._lines.append(f"{line}{self.terminator}")

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line, or add it to the batch."""
        if self._lines is None:
            super().emit(record)
            return
        try:
            self._lines.append(f"{self.format(record)}{self.terminator}")
        except Exception:  # noqa: BLE001  as in the base class, logging must not fail its caller
            self.handleError(record)


def report_error_code(code: str) -> None:
    """Report that the current response contains this error code."""
    listener = error_code_listener.get()
    if listener is not None:
        listener(code)


def add_job(job_id: str) -> None:
    """Add the id of a job to later log lines of the current request, and to its line in the access log."""
    found = job_ids.get()
    if found is not None:
        found[job_id] = None
        if len(found) > _MAX_JOB_IDS:
            del found[next(iter(found))]


class JsonFormatter(logging.Formatter):
    """Format a record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        extra = _extra(record)
        if record.exc_info:
            extra["exception"] = self.formatException(record.exc_info)
        return format_line(record.created, record.levelname.lower(), record.name, record.getMessage(), extra)


def format_line(created: float, level: str, logger: str, message: str, extra: Mapping[str, object]) -> str:
    """Format a line as one JSON object, with the ids of the current context. ``created`` is in Unix seconds."""
    line: dict[str, object] = {
        "time": _second(int(created)),
        "level": level,
        "logger": logger,
        "message": message,
        **_context(),
        **extra,
    }
    return redact(_encode(line))


@lru_cache(maxsize=1)
def _second(timestamp: int) -> str:
    return clock.iso(datetime.fromtimestamp(timestamp, UTC))


def _encode(line: dict[str, object]) -> str:
    try:
        return _SERIALIZER.to_json(line, fallback=str).decode()
    except ValueError:
        # text that UTF-8 cannot encode
        return _FALLBACK_ENCODER.encode(line)


class _TextFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        found = _context() | _extra(record)
        context = " ".join(f"{name}={value}" for name, value in found.items())
        line = f"{clock.now():%H:%M:%S} {record.levelname.lower():7} {record.getMessage()}"
        line = f"{line}  {context}" if context else line
        return redact(f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line)


def _extra(record: logging.LogRecord) -> dict[str, object]:
    added = islice(vars(record).items(), _STANDARD_ATTRIBUTES, None)
    return {name: value for name, value in added if name not in _FORMATTER_ATTRIBUTES}


def _context() -> dict[str, object]:
    """Return the ids of the current context."""
    current = trace_id.get()
    found: dict[str, object] = {} if current is None else {"trace_id": current}
    if jobs := job_ids.get():
        found["job"] = " ".join(jobs)
    return found
