"""JSON log lines."""

import io
import json
import logging
from collections.abc import Iterator

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
