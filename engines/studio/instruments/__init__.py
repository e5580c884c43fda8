"""The catalogue of all instruments."""

from collections.abc import Mapping
from typing import Final

from engines.studio.instruments.instrument import Instrument
from engines.studio.instruments.keys import KEYS
from engines.studio.instruments.kits import KITS
from engines.studio.instruments.mallets import MALLETS
from engines.studio.instruments.orchestra import ORCHESTRA
from engines.studio.instruments.plucked import PLUCKED
from engines.studio.instruments.synths import SYNTHS
from engines.studio.instruments.textures import TEXTURES

CATALOGUE: Final[Mapping[str, Instrument]] = {
    instrument.key: instrument
    for family in (KEYS, MALLETS, PLUCKED, SYNTHS, ORCHESTRA, KITS, TEXTURES)
    for instrument in family
}
