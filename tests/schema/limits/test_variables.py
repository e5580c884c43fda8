"""Limits on the size of variables."""

import pytest

from core.settings import DocumentSettings
from schema.limits import variables
from schema.limits.variables import VariablesSize


@pytest.mark.parametrize(
    ("values", "size"),
    [
        ({}, VariablesSize()),
        ({"a": 1, "b": "x"}, VariablesSize(keys=2)),
        ({"a": {"b": {"c": []}}}, VariablesSize(keys=3, depth=3)),
        ({"a": [[1, 2], {"b": [3]}]}, VariablesSize(keys=2, list_items=5, depth=3)),
    ],
)
def test_keys_items_and_nesting_are_counted(values: dict[str, object], size: VariablesSize) -> None:
    assert variables.measure(values) == size


def test_each_exceeded_limit_is_named() -> None:
    size = VariablesSize(keys=1_001, list_items=10_001, depth=11)
    assert variables.find_exceeded(size, DocumentSettings()) == [
        "keys 1001 (limit 1000)",
        "list items 10001 (limit 10000)",
        "depth 11 (limit 10)",
    ]
    assert variables.find_exceeded(VariablesSize(1_000, 10_000, 10), DocumentSettings()) == []
