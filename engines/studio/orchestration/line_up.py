"""The line-up of a track: of the parts of a style and their alternative instruments the seed selects some."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from engines.studio import random_streams
from engines.studio.model.music_request import MusicRequest
from engines.studio.model.style import Part
from engines.studio.orchestration.part_changes import is_excluded, matches, matches_any

ABSENT: Final = "-"
SAME_AS: Final = "="
INSTRUMENT_EFFECTS: Final = frozenset(
    ["amp", "crunch", "metal", "twang", "mute", "suitcase", "fiddle", "cello", "soloist", "scoop"]
)
"""Effects that belong to the usual instrument of a part, not to its alternatives."""


def choose_line_up(request: MusicRequest, seed: int) -> tuple[Part, ...]:
    """Choose the parts of a style and their instruments. A request for or against an instrument restricts the choice.

    The drums alone and the parts that a request names always stay.
    """
    named = (*request.included, *(name for section in request.form.sections for name in section.included))
    parts: dict[str, Part] = {}
    for part in request.style.parts:
        chosen = _choose_instrument(part, request, (*named, *request.reduced), parts, seed)
        if chosen != ABSENT:
            parts[part.name] = _with_instrument(part, chosen)
    return tuple(parts.values())


def _choose_instrument(
    part: Part, request: MusicRequest, named: Sequence[str], earlier: dict[str, Part], seed: int
) -> str:
    choices = request.style.line_up.get(part.name, ())
    if not choices or matches_any(part, named):
        return part.instrument
    played = {
        choice: earlier[choice.removeprefix(SAME_AS)].instrument if choice.startswith(SAME_AS) else choice
        for choice in choices
    }
    instruments = [played[choice] for choice in choices]
    requested = [name for name in named if not any(matches(other, name) for other in request.style.parts)]
    fitting = [
        name for name in instruments if name != ABSENT and matches_any(replace(part, instrument=name), requested)
    ]
    allowed = [
        name
        for name in instruments
        if name == ABSENT or not is_excluded(replace(part, instrument=name), request.excluded, request.included)
    ]
    options = tuple(fitting or allowed) or (part.instrument,)
    return random_streams.pick(random_streams.stream(seed, "line-up", part.name), options)


def _with_instrument(part: Part, instrument: str) -> Part:
    if instrument == part.instrument:
        return part
    effects = tuple(effect for effect in part.effects if effect not in INSTRUMENT_EFFECTS)
    return replace(part, instrument=instrument, effects=effects)
