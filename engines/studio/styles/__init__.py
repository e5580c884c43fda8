"""All styles by key. The order decides between styles that match a prompt equally well."""

from collections.abc import Mapping
from typing import Final

from engines.studio.model.style import Style
from engines.studio.styles import (
    ambient,
    blues,
    boombap,
    bossa,
    chiptune,
    cinematic,
    dnb,
    drone,
    folk,
    funk,
    house,
    jazz,
    lofi,
    meditation,
    metal,
    neosoul,
    piano,
    quartet,
    reggae,
    rock,
    synthwave,
    techno,
    trance,
    trap,
)

STYLES: Final[Mapping[str, Style]] = {
    module.STYLE.key: module.STYLE
    for module in (
        lofi, cinematic, ambient, house, synthwave, jazz, rock, funk, techno, trap, dnb, bossa, chiptune, piano,
        boombap, trance, drone, meditation, blues, neosoul, reggae, metal, folk, quartet,
    )
}  # fmt: skip
