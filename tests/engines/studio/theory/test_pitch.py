import pytest

from engines.studio.theory.pitch import MODES, Key


@pytest.mark.parametrize(
    ("mode", "family"),
    [("harmonic minor", "minor"), ("phrygian dominant", "major"), ("double harmonic", "major"),
     ("ukrainian dorian", "minor"), ("major pentatonic", "major"), ("minor pentatonic", "minor"),
     ("hirajoshi", "minor"), ("in", "minor"), ("lydian", "major"), ("phrygian", "minor")],
)  # fmt: skip
def test_the_family_of_a_mode_follows_its_third(mode: str, family: str) -> None:
    assert Key(0, mode).family == family


def test_the_degrees_of_every_mode_ascend_within_an_octave() -> None:
    for steps in MODES.values():
        assert steps[0] == 0
        assert list(steps) == sorted(set(steps))
        assert steps[-1] < 12


def test_a_phrygian_dominant_key_is_spelled_like_the_key_a_fifth_below() -> None:
    key = Key(2, "phrygian dominant")
    assert {"Eb", "Bb"} <= {key.pitch_names[pitch] for pitch in key.scale}
    assert key.name == "D major"
