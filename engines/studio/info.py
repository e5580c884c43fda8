"""Capabilities of the studio engine, importable without its renderer."""

from typing import Final

from core.licence import Licence, LicenceClass
from core.track_metadata import SourceType
from engines.capabilities import HONOURED, Capabilities, Capability, Support
from engines.port import EngineInfo
from engines.studio.theory.metre import METRES
from engines.studio.theory.pitch import MODES

_NEAREST_INSTRUMENT: Final = "An instrument that it does not have is replaced by the nearest one, or reported."

STUDIO_CAPABILITIES: Final = Capabilities(
    prompt=Capability(
        Support.APPROXIMATED, note="It follows the words of its vocabulary; the report names those that it ignores."
    ),
    duration_seconds=Capability(Support.HONOURED, minimum=1),
    instrumental=HONOURED,
    lyrics=Capability(
        Support.APPROXIMATED, note="It does not sing; section tags in the lyrics, such as [Verse], lay out the form."
    ),
    lyrics_language=Capability(Support.IGNORED, note="It does not sing."),
    seed_track=Capability(
        Support.APPROXIMATED, note="It continues its own tracks; other tracks have no effect, and the report says so."
    ),
    style_tags=Capability(Support.APPROXIMATED, note="A style that it does not have is replaced by the nearest one."),
    title=HONOURED,
    seed=HONOURED,
    loop=HONOURED,
    tempo_bpm=Capability(
        Support.HONOURED, 40, 220, note="A loop may be slightly faster or slower, because it ends on a whole beat."
    ),
    key=Capability(Support.HONOURED, values=tuple(MODES)),
    metre=Capability(Support.HONOURED, values=tuple(METRES)),
    negative_prompt=Capability(
        Support.APPROXIMATED, note="It avoids the instruments, sections and sounds of its vocabulary."
    ),
    include_instruments=Capability(Support.APPROXIMATED, note=_NEAREST_INSTRUMENT),
    exclude_instruments=Capability(Support.APPROXIMATED, note=_NEAREST_INSTRUMENT),
    only_instruments=Capability(Support.APPROXIMATED, note=_NEAREST_INSTRUMENT),
    structure=Capability(
        Support.APPROXIMATED, note="A track that is too short has fewer sections, and the report names the others."
    ),
    intensity=HONOURED,
    density=Capability(Support.APPROXIMATED, note="A single instrument has no more or fewer parts to play."),
    brightness=HONOURED,
    source=Capability(Support.UNSUPPORTED, note="It composes by rule and reads no recordings."),
)

STUDIO_INFO: Final = EngineInfo(
    key="studio",
    name="Studio",
    description="Composes, plays, mixes and masters instrumental music by rule; no recordings, no model weights.",
    version="1.9",
    max_duration_seconds=600,
    supports_vocals=False,
    supports_lyrics=False,
    supports_stems=True,
    supports_focus=True,
    supported_languages=(),
    licence=Licence(LicenceClass.COMMERCIAL_CLEARED, version="2026-11", requires_attribution=False),
    source_type=SourceType.ALGORITHMIC_MEDIA,
    capabilities=STUDIO_CAPABILITIES,
    supports_score=True,
)
