"""Validation of commands."""

import pytest

from core.errors import InvalidInput
from resolvers.access.validation import MAX_UNKNOWN, Unvalidated
from resolvers.library.commands import CreateCollection, ReorderCollection, TagTrack
from storage.tables import MAX_TAGS


def test_few_of_many_unknown_fields_are_reported() -> None:
    fields = {f"unknown{number}": 1 for number in range(10_000)}
    with pytest.raises(InvalidInput) as raised:
        Unvalidated(CreateCollection, {"name": "", **fields, "description": 5}).validate()
    paths = [problem.path for problem in raised.value.problems]
    assert len(paths) == MAX_UNKNOWN + 2
    assert {("name",), ("description",), ("unknown0",)} <= set(paths)


def test_the_first_wrong_item_of_a_long_list_is_reported() -> None:
    with pytest.raises(InvalidInput) as raised:
        Unvalidated(ReorderCollection, {"ordered_track_ids": ["mtrack_1", *[7] * 10_000]}).validate()
    assert [problem.path for problem in raised.value.problems] == [("ordered_track_ids", 1)]


def test_wrong_items_beyond_the_bound_of_a_list_are_not_reported() -> None:
    with pytest.raises(InvalidInput) as raised:
        Unvalidated(TagTrack, {"tags": [7] * 10_000}).validate()
    assert [problem.path for problem in raised.value.problems] == [("tags", at) for at in range(MAX_TAGS + 1)]
    with pytest.raises(InvalidInput) as raised:
        Unvalidated(TagTrack, {"tags": ["calm"] * 10_000}).validate()
    assert [problem.message for problem in raised.value.problems] == [f"Must have at most {MAX_TAGS} items."]
