"""Capabilities of the studio engine, importable without its renderer."""

from typing import Final

from core.licence import Licence, LicenceClass
from core.track_metadata import SourceType
from engines.port import ControlRanges, EngineInfo
from engines.studio.theory.metre import METRES
from engines.studio.theory.pitch import MODES

STUDIO_INFO: Final = EngineInfo(
    key="studio",
    name="Studio",
    description="Composes, plays, mixes and masters instrumental music by rule; no recordings, no model weights.",
    version="1.6",
    max_duration_seconds=600,
    supports_vocals=False,
    supports_lyrics=False,
    supports_stems=True,
    supports_focus=True,
    supported_languages=(),
    licence=Licence(LicenceClass.COMMERCIAL_CLEARED, version="2026-11", requires_attribution=False),
    source_type=SourceType.ALGORITHMIC_MEDIA,
    controls=ControlRanges(40.0, 220.0, modes=tuple(MODES), metres=tuple(METRES)),
)
