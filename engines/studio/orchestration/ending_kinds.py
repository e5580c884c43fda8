"""How a track ends, by request, style and seed: with a ringing or short chord, a repeated phrase or a stopping tape."""

from dataclasses import replace
from typing import Final

from engines.studio import random_streams
from engines.studio.model.music_request import MusicRequest

RING, COLD, TAPE_STOP, TAG = "ring", "cold", "tape_stop", "tag"
COLD_STYLES: Final = frozenset(
    ["afrobeats", "bigroom", "bollywood", "chiptune", "country", "cumbia", "disco", "dnb", "eighties_pop",
     "flamenco", "funk", "grunge", "hardstyle", "industrial", "klezmer", "kpop", "march", "mariachi", "metal", "pop",
     "punk", "rock", "salsa", "samba", "ska", "tango"]
)  # fmt: skip
TAPE_STOP_STYLES: Final = frozenset(["boombap", "dubstep", "hyperpop", "lofi", "phonk", "trap"])
TAG_STYLES: Final = frozenset(
    ["blues", "christmas", "country", "folk", "gospel", "hymn", "jazz", "sixties_pop", "soul"]
)
"""Styles that repeat the last phrase as a tag."""
RINGING: Final = frozenset({RING, TAG})
USUAL_PROBABILITY: Final = 0.5
"""The probability that a track of these styles has their ending; otherwise its last chord rings."""
REQUESTED_RITARDANDO: Final = 0.3
"""How much the last bars slow down if the prompt requests a ritardando: eight beats, the last one 1.3 times as long."""


def choose_ending(request: MusicRequest, seed: int) -> str:
    """Return RING, COLD, TAPE_STOP or TAG. Tracks whose end is shaped otherwise (quiet, loud, slower) ring."""
    form = request.form
    if not form.has_ending:
        return RING
    if form.last_chord:
        return form.last_chord
    if form.end or form.has_ritardando:
        return RING
    usual = tuple(kind for kind, styles in USUAL_ENDINGS.items() if request.style.key in styles) or (RING,)
    is_usual = random_streams.chance(random_streams.stream(seed, "ending"), USUAL_PROBABILITY)
    return random_streams.pick(random_streams.stream(seed, "ending kind"), usual) if is_usual else RING


def with_ritardando(request: MusicRequest, seed: int) -> MusicRequest:
    """Return the request with the ritardando of the track: as requested, or that of the style before a long chord."""
    amount = request.style.ritardando if choose_ending(request, seed) in RINGING else 0.0
    if request.form.has_ritardando:
        amount = max(REQUESTED_RITARDANDO, amount)
    return replace(request, style=replace(request.style, ritardando=amount))


USUAL_ENDINGS: Final = {COLD: COLD_STYLES, TAPE_STOP: TAPE_STOP_STYLES, TAG: TAG_STYLES}
