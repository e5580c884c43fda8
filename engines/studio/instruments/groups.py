"""Groups of instruments that count as the same one when a request includes or excludes them."""

from collections.abc import Mapping
from typing import Final

GROUPS: Final[Mapping[str, frozenset[str]]] = {
    "piano": frozenset({"piano"}),
    "electric_piano": frozenset({"electric_piano", "reed_keys"}),
    "electric_guitar": frozenset({"electric_guitar", "muted_guitar", "driven_guitar", "nylon_guitar", "steel_guitar"}),
    "steel_guitar": frozenset({"steel_guitar", "nylon_guitar"}),
    "strings": frozenset({"strings", "staccato_strings", "pizzicato"}),
    "brass": frozenset({"brass", "horn"}),
    "warm_pad": frozenset({"warm_pad", "glass_pad"}),
    "lead": frozenset({"lead", "soft_lead", "chip_lead", "pluck", "supersaw", "stab", "warm_pad", "glass_pad"}),
}
"""Instruments that satisfy a request for a key. A key that is not listed is satisfied only by that instrument."""

STEMS: Final = frozenset({"drums", "bass", "melody"})
"""Stems that a request can include or exclude by name."""
