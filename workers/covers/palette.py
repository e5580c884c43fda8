"""Which colour stands for what: night editions for minor keys, day editions for major ones."""

from dataclasses import dataclass

from workers.covers.features import CoverFeatures, Harmony


@dataclass(frozen=True, slots=True)
class Palette:
    """The five colours of a track by their duty."""

    ground: str
    shade: str
    body: str
    accent: str
    line: str

    def of_chord(self, harmony: Harmony) -> str:
        """The tonic shines, its neighbours carry, what is far away recedes."""
        near = (self.accent, self.body, self.line, self.shade)
        return near[min(abs(harmony.steps), 3)]

    def of_level(self, level: float) -> str:
        """Louder is brighter, in three steps: mixed inks turn to mud."""
        return (self.shade, self.body, self.accent)[min(int(level * 3), 2)]


def from_features(portrait: CoverFeatures) -> Palette:
    """Minor keys on the darkest colour, major keys on the brightest."""
    dark, deep, middle, bright, light = portrait.palette
    if portrait.is_minor:
        return Palette(ground=dark, shade=deep, body=middle, accent=bright, line=light)
    return Palette(ground=light, shade=middle, body=deep, accent=bright, line=dark)
