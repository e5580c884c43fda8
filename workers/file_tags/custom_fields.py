"""What papers say beyond the words that each kind of file has of its own; the same names in all of them."""

from collections.abc import Mapping
from typing import Final

from core.track_metadata import TrackMetadata

SOFTWARE: Final = "Music Studio"

_MODES: Final[Mapping[str, str]] = {"major": "", "minor": "m"}


def engine(papers: TrackMetadata) -> str:
    """Its name and version."""
    return f"{papers.engine} {papers.engine_version}"


def as_dict(papers: TrackMetadata) -> dict[str, str]:
    """By name; without what is not known."""
    told = {
        "TRACK_ID": papers.track_id,
        "ENGINE": papers.engine,
        "ENGINE_VERSION": papers.engine_version,
        "DIGITAL_SOURCE_TYPE": papers.source_type.uri,
        "PROMPT_SHA256": papers.prompt_sha256,
        "LICENCE_CLASS": papers.licence_class.value,
        "LICENCE_VERSION": papers.licence_version,
        "COMMERCIAL_USE": "yes" if papers.commercial_use else "no",
        "ATTRIBUTION": "required" if papers.requires_attribution else "not required",
        "TEMPO_BPM": "" if papers.tempo_bpm is None else f"{papers.tempo_bpm:g}",
        "MUSICAL_KEY": papers.key or "",
    }
    return {name: text for name, text in told.items() if text}


def licence(papers: TrackMetadata) -> str:
    """Licence and attribution in a line."""
    uses = "commercial use" if papers.commercial_use else "no commercial use"
    credit = "attribution required" if papers.requires_attribution else "no attribution required"
    return f"{papers.licence_class.value} {papers.licence_version}: {uses}, {credit}"


def whole_bpm(papers: TrackMetadata) -> str:
    """The tempo as files want it, in whole beats a minute; empty when it is not known."""
    return "" if papers.tempo_bpm is None else str(round(papers.tempo_bpm))


def short_key(papers: TrackMetadata) -> str:
    """The key as files want it, "Am" or "Eb"; empty for one that is neither major nor minor."""
    tonic, _, mode = (papers.key or "").partition(" ")
    tonic = tonic.replace("♯", "#").replace("♭", "b")
    return tonic + _MODES[mode] if mode in _MODES else ""
