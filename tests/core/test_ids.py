"""Resource ids."""

import re

import pytest

from core import ids
from core.ids import Kind


@pytest.mark.parametrize("kind", Kind)
def test_a_new_id_has_the_prefix_of_its_kind(kind: Kind) -> None:
    new = ids.new(kind)
    assert re.fullmatch(rf"{kind.value}_[0-9a-f]{{24}}", new)
    assert ids.kind_of(new) is kind


@pytest.mark.parametrize(
    "text",
    ["", "mgen_", "mgen_0123", "mgen_" + "g" * 12, "nope_" + "0" * 12, "mgen_" + "0" * 12 + "\n"],
)
def test_malformed_text_has_no_kind(text: str) -> None:
    assert ids.kind_of(text) is None


def test_ids_of_a_generator_are_all_different_and_well_formed() -> None:
    generator = ids.Generator(Kind.REQUEST)
    made = [generator.new() for _ in range(1_000)]
    assert len(set(made)) == len(made)
    assert {ids.kind_of(each) for each in made} == {Kind.REQUEST}
    assert {len(each) for each in made} == {len(ids.new(Kind.REQUEST))}
