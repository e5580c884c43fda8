"""JSON log lines."""

import json
import logging

import pytest

from core.logs import JsonFormatter


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
