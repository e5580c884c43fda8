"""The body of a composition request: a prompt, or a composition plan for lyrics and structures.

Sources: the client elevenlabs-python of 2026-07-23 (``music.compose_detailed`` and its types), read on 2026-11-30.
A seed goes with a plan only; ``force_instrumental`` and ``music_length_ms`` go with a prompt only.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from engines.port import RenderRequest
from engines.remote.elevenlabs import lyric_sections
from engines.remote.elevenlabs.lyric_sections import LyricSection
from engines.remote.templates import MAX_SEED, affirmed, values

FIRST_MODEL: Final = "music_v1"
"""The model whose plans have sections; plans of later ones have chunks."""

_VOCALS: Final = "vocals"


def compose(request: RenderRequest, model: str) -> dict[str, object]:
    """Return the body of a request. Raises TooManySectionsError."""
    common: dict[str, object] = {"model_id": model, "sign_with_c2pa": True}
    total_ms = round(request.duration_seconds * 1000)
    sections = _sections(request)
    if not sections:
        prompt = values(request)["description"]
        return {**common, "prompt": prompt, "music_length_ms": total_ms, "force_instrumental": request.instrumental}
    laid_out = lyric_sections.lay_out(sections, total_ms)
    plan = _sections_plan(request, laid_out) if model == FIRST_MODEL else _chunks_plan(request, laid_out)
    body = {**common, "composition_plan": plan, "seed": request.seed & MAX_SEED}
    if any(section.lines for section in laid_out):
        body["with_timestamps"] = True
    return {**body, "respect_sections_durations": True} if model == FIRST_MODEL else body


def _sections(request: RenderRequest) -> tuple[LyricSection, ...]:
    if request.lyrics and not request.instrumental:
        return lyric_sections.read(request.lyrics)
    return tuple(LyricSection(name[: lyric_sections.MAX_NAME_LENGTH]) for name in request.controls.structure)


def _sections_plan(request: RenderRequest, sections: Sequence[LyricSection]) -> Mapping[str, object]:
    return {
        "positive_global_styles": _styles(request),
        "negative_global_styles": _negative(request),
        "sections": [
            {
                "section_name": section.name,
                "positive_local_styles": [section.style] if section.style else [],
                "negative_local_styles": [],
                "duration_ms": section.duration_ms,
                "lines": list(section.lines),
            }
            for section in sections
        ],
    }


def _chunks_plan(request: RenderRequest, sections: Sequence[LyricSection]) -> Mapping[str, object]:
    return {
        "chunks": [
            {
                "text": "\n".join([f"[{section.name}]", *section.lines]),
                "duration_ms": section.duration_ms,
                "positive_styles": [*_styles(request), *([section.style] if section.style else [])],
                "negative_styles": _negative(request),
            }
            for section in sections
        ]
    }


def _styles(request: RenderRequest) -> list[str]:
    return [request.prompt, *request.style_tags, *affirmed(request)]


def _negative(request: RenderRequest) -> list[str]:
    words = re.split(r"[,;\n]", request.controls.negative_prompt or "")
    avoided = [word.strip() for word in words if word.strip()]
    return [*avoided, *request.controls.exclude, *([_VOCALS] if request.instrumental else [])]
