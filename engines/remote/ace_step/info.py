"""Capabilities of ACE-Step 1.5."""

from collections.abc import Sequence
from typing import Final

from core.licence import Licence, LicenceClass
from core.track_metadata import SourceType
from engines.capabilities import APPROXIMATED, HONOURED, UNSUPPORTED, Capabilities, Capability, Support
from engines.port import EngineInfo
from engines.remote.ace_step import tasks
from engines.remote.ace_step.lyrics import LANGUAGES
from engines.remote.ace_step.prompt import (
    MAX_DURATION_SECONDS,
    MAX_TEMPO_BPM,
    METRES,
    MIN_DURATION_SECONDS,
    MIN_TEMPO_BPM,
    MODES,
)

_IN_WORDS: Final = Capability(Support.APPROXIMATED, note="The model reads it as words of its prompt.")


def describe(key: str, models: Sequence[str], *, seed: Capability, negative_prompt: Capability) -> EngineInfo:
    """Return the properties of an instance with these models. Its kind decides ``seed`` and ``negative_prompt``."""
    return EngineInfo(
        key=key,
        name="ACE-Step 1.5",
        description="Generates songs with a diffusion model: instrumental music, and vocals that sing written lyrics.",
        version="1.5",
        max_duration_seconds=MAX_DURATION_SECONDS,
        supports_vocals=True,
        supports_lyrics=True,
        supports_stems=False,
        supports_focus=False,
        supported_languages=LANGUAGES,
        licence=Licence(LicenceClass.UNCLEAR, "undeclared", requires_attribution=False),
        source_type=SourceType.TRAINED_ALGORITHMIC_MEDIA,
        capabilities=Capabilities(
            prompt=APPROXIMATED,
            duration_seconds=Capability(Support.APPROXIMATED, minimum=MIN_DURATION_SECONDS),
            instrumental=Capability(Support.APPROXIMATED, note="Music without lyrics is instrumental as well."),
            lyrics=Capability(Support.APPROXIMATED, note="They are sung as written."),
            lyrics_language=Capability(
                Support.APPROXIMATED,
                values=LANGUAGES,
                note="The model takes it as a hint. Without one, it is recognized by the lyrics.",
            ),
            seed_track=UNSUPPORTED,
            style_tags=_IN_WORDS,
            title=HONOURED,
            seed=seed,
            loop=UNSUPPORTED,
            tempo_bpm=Capability(
                Support.APPROXIMATED, MIN_TEMPO_BPM, MAX_TEMPO_BPM, note="The model takes whole BPM, as a hint."
            ),
            key=Capability(Support.APPROXIMATED, values=MODES),
            metre=Capability(Support.APPROXIMATED, values=tuple(METRES)),
            negative_prompt=negative_prompt,
            include_instruments=_IN_WORDS,
            exclude_instruments=_IN_WORDS,
            only_instruments=_IN_WORDS,
            structure=_IN_WORDS,
            intensity=_IN_WORDS,
            density=_IN_WORDS,
            brightness=_IN_WORDS,
            source=tasks.capability(models),
        ),
    )
