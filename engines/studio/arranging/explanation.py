"""Explains how a render request is read, without composing it."""

from engines.port import RenderRequest
from engines.prompt_port import InstrumentReading, PromptReading, StyleOrigin, StyleReading
from engines.studio.arranging import interpretation
from engines.studio.arranging.scope_descriptions import describe
from engines.studio.languages import LANGUAGES
from engines.studio.model.music_request import MusicRequest
from engines.studio.prompt.instrument_concepts import display_name
from engines.studio.theory.pitch import key_name


def explain(render_request: RenderRequest) -> PromptReading:
    """Explain a request as the report of its track would."""
    interpreted = interpretation.interpret(render_request)
    request = interpreted.requested
    names = {language.code: language.name or language.code for language in LANGUAGES}
    return PromptReading(
        style=StyleReading(request.style.key, request.style.name, _style_origin(request)),
        tempo_bpm=request.tempo,
        key=key_name(request.tonic, request.mode, request.accidental),
        metre=request.metre,
        moods=request.moods,
        instruments=InstrumentReading(
            _instrument_names(request.included),
            _instrument_names(request.excluded),
            _instrument_names(request.reduced),
            request.is_solo,
        ),
        transformations=tuple(request.transformations.items()),
        sections=tuple(section.name for section in request.form.sections),
        section_count=request.form.section_count,
        progression=request.progression,
        length_seconds=request.length.seconds if request.length else None,
        subject=request.subject,
        languages=tuple(names[code] for code in request.languages),
        words_used=request.words_used,
        words_approximated=request.words_approximated,
        words_ignored=request.words_ignored,
        notes=(*interpreted.notes, *(f"{describe(scoped)}." for scoped in request.form.scoped)),
    )


def _style_origin(request: MusicRequest) -> StyleOrigin:
    if not request.is_style_named:
        return StyleOrigin.CHOSEN
    return StyleOrigin.NAMED if request.is_style_exact else StyleOrigin.APPROXIMATED


def _instrument_names(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(display_name(key) for key in keys)
