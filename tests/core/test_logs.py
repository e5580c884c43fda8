"""JSON log lines."""

import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest

from core import logs
from core.logs import JsonFormatter


class Stream(io.StringIO):
    """A stream that counts its writes."""

    writes = 0

    def write(self, text: str) -> int:
        """Write a text."""
        self.writes += 1
        return super().write(text)


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stream]:
    """The standard error of a process that logs to it."""
    root, stream = logging.getLogger(), Stream()
    handlers, level = root.handlers, root.level
    monkeypatch.setattr("sys.stderr", stream)
    logs.configure("info", "json")
    yield stream
    root.handlers, root.level = handlers, level


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Zoë 🎷", "Zoë 🎷"),
        (10**30, 10**30),
        ("\ud800x", "\ud800x"),
        (ValueError("no"), "no"),
        ({"seconds": 1.5}, {"seconds": 1.5}),
        ("ak_0123456789abcdef", "ak_…"),
    ],
)
def test_a_log_line_is_valid_json_for_any_value(value: object, expected: object) -> None:
    record = logging.makeLogRecord({"name": "a", "levelname": "INFO", "msg": "something", "value": value})
    line = json.loads(JsonFormatter().format(record))
    assert (line["value"], line["message"], line["level"]) == (expected, "something", "info")


def test_lines_of_a_batch_are_written_at_once_and_in_order(stream: Stream) -> None:
    log = logging.getLogger("batched")
    with logs.batch():
        for number in range(3):
            log.info("line %d", number)
        assert stream.writes == 0
    assert stream.writes == 1
    log.info("line 3")
    assert [json.loads(line)["message"] for line in stream.getvalue().splitlines()] == [f"line {n}" for n in range(4)]


@pytest.fixture
def only_handler(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the handlers of pytest, which a server does not have."""
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [each for each in root.handlers if getattr(each, "stream", None) is stream])


@pytest.mark.parametrize("path", ["/v1/music", "/media?signature=secret", "Zoë 🎷", "\ud800"])
@pytest.mark.parametrize("handlers", ["only_handler", "stream"])
def test_a_batch_writes_the_line_that_a_record_gives(
    stream: Stream, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, path: str, handlers: str
) -> None:
    log, extra = logging.getLogger("batched"), {"status": 200, "ms": 0.1, "path": path, "codes": ["NOT_FOUND"]}
    request.getfixturevalue(handlers)
    records: list[logging.LogRecord] = []
    monkeypatch.setattr(logs.JsonFormatter, "format", _record_calls(records))
    token = logs.job_ids.set({"mgen_1": None})
    with logs.batch() as batch:
        batch.info(log, "GET", extra)
        assert bool(records) is (handlers == "stream")
        log.info("GET", extra=extra)
    logs.job_ids.reset(token)
    direct, from_record = map(json.loads, stream.getvalue().splitlines())
    assert list(direct) == list(from_record) == ["time", "level", "logger", "message", "job", *extra]
    assert {**direct, "time": ""} == {**from_record, "time": ""}
    assert "secret" not in stream.getvalue()


def _record_calls(records: list[logging.LogRecord]) -> Callable[[JsonFormatter, logging.LogRecord], str]:
    format_record = JsonFormatter.format

    def record_call(formatter: JsonFormatter, record: logging.LogRecord) -> str:
        records.append(record)
        return format_record(formatter, record)

    return record_call


@pytest.mark.usefixtures("only_handler")
def test_a_line_of_a_batch_reaches_the_handlers_of_its_logger_and_respects_its_level(stream: Stream) -> None:
    log, other = logging.getLogger("batched"), io.StringIO()
    handler = logging.StreamHandler(other)
    log.addHandler(handler)
    try:
        with logs.batch() as batch:
            batch.info(log, "GET", {"status": 200})
        log.setLevel("WARNING")
        with logs.batch() as batch:
            batch.info(log, "HEAD", {"status": 200})
    finally:
        log.removeHandler(handler)
        log.setLevel("NOTSET")
    assert other.getvalue() == "GET\n"
    assert [json.loads(line)["message"] for line in stream.getvalue().splitlines()] == ["GET"]
