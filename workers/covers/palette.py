"""The colours of a cover by their use."""

from dataclasses import dataclass

from workers.covers.features import CoverFeatures, Harmony


@dataclass(frozen=True, slots=True)
class Palette:
    """The five colours of a track by their use."""

    ground: str
    shade: str
    body: str
    accent: str
    line: str

    def of_chord(self, harmony: Harmony) -> str:
        """Return the accent for the tonic and less prominent colours for more distant chords."""
        by_distance = (self.accent, self.body, self.line, self.shade)
        return by_distance[min(abs(harmony.steps), 3)]

    def of_level(self, level: float) -> str:
        """Return a brighter colour for a higher level. Three steps, because mixed colours look muddy."""
        return (self.shade, self.body, self.accent)[min(int(level * 3), 2)]


def from_features(features: CoverFeatures) -> Palette:
    """Use the darkest colour as the background for minor keys and the brightest for major keys."""
    dark, deep, middle, bright, light = features.palette
    if features.is_minor:
        return Palette(ground=dark, shade=deep, body=middle, accent=bright, line=light)
    return Palette(ground=light, shade=middle, body=deep, accent=bright, line=dark)
