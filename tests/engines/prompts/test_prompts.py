"""Requests and their expected readings, from the TOML files of this folder; README.md describes their form."""

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from engines.port import Controls
from engines.studio.arranging.scope_descriptions import describe
from engines.studio.model.music_request import MusicRequest
from engines.studio.prompt import reader
from engines.studio.theory.pitch import key_name

Row = dict[str, object]
INPUTS: Final = frozenset({"prompt", "tags", "lyrics", "negative"})
ABSENT: Final = "none"
"""Written in a file for a property that must not be read, because TOML has no null."""


def rows() -> Iterator[tuple[str, Row]]:
    """Yield the name of each row, "file:number", and the row."""
    for path in sorted(Path(__file__).parent.glob("*.toml")):
        content: list[Row] = tomllib.loads(path.read_text(encoding="utf-8"))["rows"]
        yield from ((f"{path.stem}:{number}", row) for number, row in enumerate(content, 1))


def _origin(request: MusicRequest) -> str:
    return "chosen" if not request.is_style_named else "named" if request.is_style_exact else "approximated"


def _highlight(name: str) -> Callable[[MusicRequest], object]:
    def position(request: MusicRequest) -> object:
        point = request.form.highlights.get(name)
        return point and (f"{point.seconds:g} s" if point.seconds is not None else point.share)

    return position


PROPERTIES: Final[dict[str, Callable[[MusicRequest], object]]] = {
    "tempo": lambda request: request.tempo,
    "lean": lambda request: "slow" if request.tempo_lean < 0 else "fast" if request.tempo_lean > 0 else None,
    "key": lambda request: key_name(request.tonic, request.mode, request.accidental),
    "metre": lambda request: request.metre,
    "style": lambda request: request.style.key,
    "origin": _origin,
    "moods": lambda request: list(request.moods),
    "energy": lambda request: _side(request.energy - request.style.energy),
    "wanted": lambda request: sorted(request.included),
    "unwanted": lambda request: sorted(request.excluded),
    "reduced": lambda request: sorted(request.reduced),
    "raised": lambda request: sorted(request.raised),
    "alone": lambda request: request.is_solo,
    "decade": lambda request: request.decade,
    "transformations": lambda request: sorted(request.transformations),
    "sections": lambda request: [section.name for section in request.form.sections],
    "scoped": lambda request: [describe(scoped) for scoped in request.form.scoped],
    "absent": lambda request: list(request.form.absent),
    "section_count": lambda request: request.form.section_count,
    "variety": lambda request: request.form.variety,
    "arc": lambda request: request.form.arc,
    "start": lambda request: request.form.start,
    "end": lambda request: request.form.end,
    "last_chord": lambda request: request.form.last_chord,
    "ritardando": lambda request: request.form.has_ritardando,
    "themes": lambda request: request.form.theme_order,
    "drop": _highlight("drop"),
    "climax": _highlight("climax"),
    "break": _highlight("break"),
    "progression": lambda request: request.progression,
    "length": lambda request: request.length and request.length.seconds,
    "subject": lambda request: request.subject,
    "languages": lambda request: sorted(request.languages),
    "used": lambda request: list(request.words_used),
    "approximated": lambda request: {word.asked: word.given for word in request.words_approximated},
    "unread": lambda request: list(request.words_ignored),
    "notes": lambda request: [*request.notes, *([request.style_note] if request.style_note else [])],
}
"""The properties that a row may expect."""
CONTAINED: Final = frozenset({"used", "approximated", "notes"})
"""Properties of which a row lists only a part."""


def _side(difference: float) -> str | None:
    return None if abs(difference) < 1e-9 else "high" if difference > 0 else "low"


def _read(row: Row) -> MusicRequest:
    tags, lyrics, negative = row.get("tags", []), row.get("lyrics"), row.get("negative")
    assert isinstance(tags, list)
    controls = Controls(negative_prompt=str(negative)) if negative else None
    return reader.read(str(row["prompt"]), tags, str(lyrics) if lyrics else None, controls)


def _matches(name: str, actual: object, expected: object) -> bool:
    if name == "notes" and isinstance(actual, list) and isinstance(expected, list):
        return all(any(part in note for note in actual) for part in expected)
    if name in CONTAINED and isinstance(expected, dict) and isinstance(actual, dict):
        return expected.items() <= actual.items()
    if name in CONTAINED and isinstance(expected, list) and isinstance(actual, list):
        return set(expected) <= set(actual)
    if isinstance(expected, list) and name not in {"moods", "sections", "scoped", "unread"}:
        return actual == sorted(expected)
    return actual == (None if expected == ABSENT else expected)


def test_rows_have_known_properties_and_no_prompt_twice() -> None:
    names = {name for _, row in rows() for name in row}
    assert names <= INPUTS | PROPERTIES.keys()
    inputs = [tuple(str(row.get(name)) for name in sorted(INPUTS)) for _, row in rows()]
    assert len(inputs) == len(set(inputs)), sorted({prompt for prompt in inputs if inputs.count(prompt) > 1})


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in rows()])
def test_a_request_is_read_as_expected(row: Row) -> None:
    request = _read(row)
    expected = {name: value for name, value in row.items() if name not in INPUTS}
    found = {name: PROPERTIES[name](request) for name in expected}
    wrong = {
        name: (found[name], expected[name]) for name in expected if not _matches(name, found[name], expected[name])
    }
    assert not wrong, f"{row['prompt']!r}: (found, expected) {wrong}"
