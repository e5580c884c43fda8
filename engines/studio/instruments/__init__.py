"""The catalogue of all instruments, and the groups that requests include or exclude."""

from collections.abc import Mapping
from typing import Final

from engines.studio.instruments.instrument import Instrument
from engines.studio.instruments.keys import KEYS
from engines.studio.instruments.kits import KITS
from engines.studio.instruments.modal import MODAL
from engines.studio.instruments.orchestra import ORCHESTRA
from engines.studio.instruments.plucked import PLUCKED
from engines.studio.instruments.synths import SYNTHS
from engines.studio.instruments.textures import TEXTURES
from engines.studio.instruments.voices import VOICES
from engines.studio.instruments.world import WORLD
from engines.studio.instruments.world_kits import WORLD_KITS

CATALOGUE: Final[Mapping[str, Instrument]] = {
    instrument.key: instrument
    for family in (KEYS, MODAL, PLUCKED, SYNTHS, ORCHESTRA, VOICES, KITS, TEXTURES, WORLD, WORLD_KITS)
    for instrument in family
}
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
