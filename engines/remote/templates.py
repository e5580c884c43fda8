"""Fill templates of request bodies and workflows with the values of a request."""

import math
import re
from collections.abc import Mapping
from typing import Final

from engines.port import RenderRequest

SLOT: Final = re.compile(r"\{([a-z_]+)\}")

MAX_SEED: Final = 2**31 - 1
"""Largest seed that services take which count in signed 32-bit integers."""


def values(request: RenderRequest, instrumental_lyrics: str | None = None) -> Mapping[str, object]:
    """Return the values of all slots; None if the request leaves them open.

    ``prompt`` includes the style tags, ``description`` also the explicit controls as English text. ``lyrics`` is
    ``instrumental_lyrics`` for instrumental music. ``small_seed`` is a signed 32-bit integer.
    ``language`` is that of the lyrics without script and region.
    """
    controls = request.controls
    prompt = ", ".join([request.prompt, *request.style_tags])
    tempo = controls.tempo_bpm
    return {
        "prompt": prompt,
        "description": ". ".join([prompt, *_described(request)]),
        "negative_prompt": controls.negative_prompt,
        "lyrics": instrumental_lyrics if request.instrumental else request.lyrics,
        "language": controls.lyrics_language.partition("-")[0] if controls.lyrics_language else None,
        "instrumental": request.instrumental,
        "vocals": not request.instrumental,
        "title": request.title,
        "seconds": request.duration_seconds,
        "whole_seconds": math.ceil(request.duration_seconds),
        "milliseconds": round(request.duration_seconds * 1000),
        "tempo": tempo,
        "whole_tempo": None if tempo is None else round(tempo),
        "key": controls.key,
        "metre": controls.metre,
        "beats": controls.metre.partition("/")[0] if controls.metre else None,
        "seed": request.seed,
        "small_seed": request.seed & MAX_SEED,
    }


def fill(template: object, chosen: Mapping[str, object]) -> object:
    """Return a template with its slots filled.

    A text that is one slot becomes its value; members whose value is None are left out. Texts around slots keep them as
    text. Raises KeyError for an unknown slot.
    """
    if isinstance(template, Mapping):
        filled = {name: fill(value, chosen) for name, value in template.items()}
        return {name: value for name, value in filled.items() if value is not None}
    if isinstance(template, list):
        return [value for value in (fill(item, chosen) for item in template) if value is not None]
    if not isinstance(template, str):
        return template
    if whole := SLOT.fullmatch(template):
        return chosen[whole[1]]
    return SLOT.sub(lambda match: _text(chosen[match[1]]), template)


def slots(template: object) -> frozenset[str]:
    """Return the names of all slots in a template."""
    if isinstance(template, Mapping):
        return frozenset().union(*map(slots, template.values()))
    if isinstance(template, list):
        return frozenset().union(*map(slots, template))
    return frozenset(SLOT.findall(template)) if isinstance(template, str) else frozenset()


def _text(value: object) -> str:
    return "" if value is None else str(value)


def affirmed(request: RenderRequest) -> list[str]:
    """Return the controls that the music is to have as English phrases, without its structure."""
    controls = request.controls
    phrases = [
        ("Instrumental, no vocals", request.instrumental),
        (f"{controls.tempo_bpm or 0:g} BPM", controls.tempo_bpm),
        (f"Key: {controls.key}", controls.key),
        (f"Time signature: {controls.metre}", controls.metre),
        (f"With {', '.join(controls.include)}", controls.include),
        (f"Only {', '.join(controls.only)}", controls.only),
    ]
    return [phrase for phrase, is_present in phrases if is_present]


def _described(request: RenderRequest) -> list[str]:
    controls = request.controls
    others = [
        (f"Structure: {', '.join(controls.structure)}", controls.structure),
        (f"Without {', '.join(controls.exclude)}", controls.exclude),
        (f"Avoid: {controls.negative_prompt}", controls.negative_prompt),
    ]
    return affirmed(request) + [phrase for phrase, is_present in others if is_present]


NAMES: Final = frozenset(values(RenderRequest("", 1, 0)))
"""The names of all slots."""
