"""Titles that suit the mood of a track."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from engines.studio import random_streams
from engines.studio.model.music_request import MusicRequest
from engines.studio.theory.pitch import Key

IMAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "calm": ("Still Water", "Slow Morning", "Soft Light", "Quiet Room", "Open Window", "Evening Tide"),
    "dark": ("Under the Bridge", "Black Glass", "Long Shadow", "No Moon", "Cold Harbour", "Low Ceiling"),
    "sad": ("Last Letter", "Empty Platform", "After the Rain", "What Remains", "November Coat", "Old Address"),
    "happy": ("First Sun", "Open Road", "Paper Kites", "Market Day", "Good News", "Bright Side"),
    "energetic": ("Full Speed", "Red Line", "Second Wind", "Live Wire", "Run the Lights", "High Gear"),
    "dreamy": ("Half Asleep", "Slow Orbit", "Floating Garden", "Silver Haze", "Distant Shore", "Weightless"),
    "epic": ("The Long Climb", "Banners", "Over the Ridge", "A Thousand Fires", "Crown of Stone", "Horizon Line"),
    "warm": ("Corner Table", "Amber", "Wool and Vinyl", "Sunday Coffee", "Closer", "Lamplight"),
}
ADJECTIVES: Final[Mapping[str, tuple[str, ...]]] = {
    "calm": ("Quiet", "Soft", "Pale", "Slow"),
    "dark": ("Black", "Hidden", "Cold", "Hollow"),
    "sad": ("Grey", "Lost", "Fading", "Last"),
    "happy": ("Golden", "Bright", "Early", "Dancing"),
    "energetic": ("Electric", "Burning", "Restless", "Wild"),
    "dreamy": ("Silver", "Drifting", "Violet", "Sleeping"),
    "epic": ("Rising", "Iron", "Endless", "Northern"),
    "warm": ("Amber", "Honey", "Tender", "Sunlit"),
}
NOUNS: Final = (
    "Harbour", "Avenue", "Garden", "River", "Window", "Station", "Orchard", "Meridian", "Terrace", "Valley",
)  # fmt: skip
MAX_SUBJECT_LENGTH: Final = 40
MINOR_KEY_NOUNS: Final = ("Night", "Moon", "Winter", "Shadow", "Ember", "Rain")


def leading_mood(request: MusicRequest) -> str:
    """Return the first requested mood, or else the first mood of the style."""
    return request.moods[0] if request.moods else request.style.moods[0]


def choose_title(request: MusicRequest, key: Key, seed: int) -> str:
    """Choose a title: a short subject of the request, an image that suits the mood, or an adjective and a noun."""
    if request.subject and len(request.subject) <= MAX_SUBJECT_LENGTH:
        return " ".join(word[:1].upper() + word[1:] for word in request.subject.split())
    rng: np.random.Generator = random_streams.stream(seed, "title")
    mood = leading_mood(request)
    images = IMAGES.get(mood, IMAGES["calm"]) + (request.style.titles if not request.moods else ())
    if random_streams.chance(rng, 0.5):
        return random_streams.pick(rng, images)
    nouns = (*NOUNS, *MINOR_KEY_NOUNS) if key.is_minor else NOUNS
    return f"{random_streams.pick(rng, ADJECTIVES.get(mood, ADJECTIVES['calm']))} {random_streams.pick(rng, nouns)}"
