"""Hymn: a choir in four parts over an organ that doubles it, a chord on each beat, a rest at the end of each line."""

from engines.studio.composing.chorale import ALTO, BASS, SOPRANO, TENOR, chorale
from engines.studio.model.style import Form, Part, Style

STYLE = Style(
    key="hymn",
    name="Hymn",
    keywords=("hymn", "hymns", "church hymn", "organ hymn", "hymn tune", "chorale hymn", "kirchenlied"),
    moods=("calm", "warm", "epic", "sad"),
    tempo_range=(66.0, 80.0, 96.0),
    modes=("major", "major", "minor", "dorian"),
    progressions={
        "major A": (
            "I V^3 I IV | I^5 V I I | I vi ii^3 V | I IV V I",
            "I I IV I^3 | ii7 V I I | vi iii IV I^3 | ii^3 V7 I I",
            "I V vi iii | IV I^3 V V | I IV^3 I^5 IV | ii V7 I I",
        ),
        "major B": (
            "V V^3 I IV | V7/V V V V | IV I^3 vi ii^3 | I^5 V7 I I",
            "vi V^3 I V7/V | V^3 V V V | I V^3 vi IV | ii^3 V7 I I",
            "IV V7^3 I vi | ii^3 V7/V V V | V7/vi vi IV I^3 | ii V7 I I",
        ),
        "minor A": (
            "i V^3 i iv | i^5 V i i | bVI bIII iv i^3 | ii7b5 V7 i i",
            "i i iv i^3 | bVII bIII V V | i bVI iv^3 V | i iv V i",
            "i bVII bIII iv | i^5 V i i | bIII bVII^3 i iv | i^5 V7 i i",
        ),
        "minor B": (
            "bIII bVII^3 bIII bVI | bIII^5 bVII bIII bIII | iv i^3 bVI ii7b5 | i^5 V7 i i",
            "bVI bVII bIII bIII | iv bVII bIII bIII | bVI iv ii7b5 V^3 | i V7 i i",
        ),
    },
    parts=(
        Part("sopranos", "melody", "choir", chorale(SOPRANO, velocity=0.72), -19.5, pan=-0.35, reverb=0.4,
             min_energy=0.42, timing_jitter_ms=14.0),
        Part("altos", "harmony", "choir", chorale(ALTO, velocity=0.6), -22.5, pan=0.3, reverb=0.4, min_energy=0.42,
             timing_jitter_ms=14.0),
        Part("tenors", "harmony", "choir", chorale(TENOR, velocity=0.62), -22.0, pan=-0.15, reverb=0.4,
             min_energy=0.42, timing_jitter_ms=14.0),
        Part("basses", "bass", "choir", chorale(BASS, velocity=0.66), -22.0, pan=0.15, reverb=0.35, min_energy=0.42,
             timing_jitter_ms=14.0),
        Part("organ", "harmony", "organ", chorale(velocity=0.55, passing=0.2), -20.5, pan=0.1, reverb=0.45,
             timing_jitter_ms=7.0),
        Part("pedals", "bass", "organ", chorale(BASS, shift=-12, velocity=0.6, passing=0.0), -22.5, reverb=0.3,
             min_energy=0.38, timing_jitter_ms=6.0),
        Part("descant stop", "texture", "organ", chorale(SOPRANO, shift=12, velocity=0.7, passing=0.0), -27.5, pan=-0.3,
             reverb=0.45, effects=("bright",), min_energy=0.66, timing_jitter_ms=7.0),
    ),
    suspensions=0.0,
    line_up={
        "altos": ("choir", "strings"), "tenors": ("choir", "choir", "humming"),
        "descant stop": ("organ", "trumpet", "-"), "sopranos": ("choir", "choir", "trumpet", "flute"),
        "pedals": ("organ", "organ", "cello"),
    },
    chromatic_chords=("applied", "diminished"),
    chromaticism=0.2,
    lift=0.4,
    presence_db=1,
    repeated_tones=0,
    form=Form(("prelude", "A", 0.34), (("first verse", "A", 0.5), ("refrain", "B", 0.6), ("second verse", "A", 0.54),
              ("refrain", "B", 0.72)), ("amen", "A", 0.44)),
    energy=0.42,
    reverb=(3.4, 5000.0),
    bus_compression=0.2,
    treble_db=3.0,
    titles=("Morning over Stone", "Grant Us Evening", "The Lamp in the Nave"),
    ritardando=0.14,
    reharmonisation=0.0,
    cadence=("IV I^5 V7 I", "iv i^5 V7 i"),
    melody_feel="calm",
)  # fmt: skip
