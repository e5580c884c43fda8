"""The catalogue of all instruments, and the stems that requests include or exclude."""

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
STEMS: Final = frozenset({"drums", "bass", "melody"})
"""Stems that a request can include or exclude by name."""
