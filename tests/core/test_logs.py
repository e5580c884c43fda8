"""A line of the log is JSON, whatever stands in it."""

import json
import logging

import pytest

from core.logs import JsonFormatter


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Zoë 🎷", "Zoë 🎷"),
        (10**30, 10**30),
        ("\ud800x", "\ud800x"),
        (ValueError("no"), "no"),
        ({"seconds": 1.5}, {"seconds": 1.5}),
        ("ak_0123456789abcdef", "ak_…"),
    ],
)
def test_a_line_is_json_whatever_is_told(said: object, told: object) -> None:
    record = logging.makeLogRecord({"name": "a", "levelname": "INFO", "msg": "something", "said": said})
    line = json.loads(JsonFormatter().format(record))
    assert (line["said"], line["message"], line["level"]) == (told, "something", "info")
