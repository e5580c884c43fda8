"""A section of a form with its length in bars."""

from dataclasses import dataclass

from engines.studio.model.form_request import SectionRequest


@dataclass(frozen=True, slots=True)
class PlannedSection:
    """A section with its length in bars, before its start and its repetition are known.

    ``requested`` is the section of the request that it realises, if there is one; ``presence`` its energy without its
    dynamics: bass and tune play from the higher of the two energies.
    """

    name: str
    theme: str
    energy: float
    bars: int
    requested: SectionRequest | None = None
    presence: float = 0.0
