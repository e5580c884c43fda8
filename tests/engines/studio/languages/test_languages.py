import pytest

from engines.studio.languages import LANGUAGES
from engines.studio.model.music_request import MusicRequest
from engines.studio.orchestration import transformation_table
from engines.studio.prompt import reader

Expected = dict[str, object]

ENGLISH: list[tuple[str, Expected]] = [
    ("slow lofi at 70 bpm in D minor", {"tempo": 70.0, "tonic": 2, "mode": "minor", "style": "lofi"}),
    ("very fast punk rock", {"pace": 1.0, "style": "punk"}),
    ("120-124 bpm deep house", {"tempo": 122.0, "style": "house"}),
    ("a waltz in 3/4 for solo piano", {"metre": "3/4", "style": "piano"}),
    ("jazz without drums or bass", {"unwanted": {"drums", "bass"}}),
    ("no drums, bass or flute", {"unwanted": {"drums", "bass", "flute"}}),
    ("no drums, flute and harp", {"unwanted": {"drums"}, "wanted": ("flute", "harp")}),
    ("drumless ambient with warm pads", {"unwanted": {"drums"}, "wanted": ("warm_pad",)}),
    ("80s arpeggios", {"decade": 1980, "style": "synthwave"}),
    ("80s pop", {"decade": 1980, "style": "eighties_pop"}),
    ("pop from the sixties", {"decade": 1960, "style": "sixties_pop"}),
    ("90s pop", {"decade": 1990, "style": "pop"}),
    ("from the nineteen seventies", {"decade": 1970, "style": "funk"}),
    ("sad and dreamy", {"moods": ("sad", "dreamy"), "mode": "minor"}),
    ("slow build with a drop in the middle", {"arc": "build", "drop": 0.5}),
    ("techno, drop at 0:30", {"drop_seconds": 30.0}),
    ("quiet intro, big finale", {"start": "quiet", "end": "loud"}),
    ("fade out at the end", {"end": "fade"}),
    ("folk song in AABA form", {"pattern": "aaba"}),
    ("in F#m with rhodes", {"tonic": 6, "mode": "minor", "wanted": ("tine_piano",)}),
    ("E lydian, shimmer", {"tonic": 4, "mode": "lydian", "wanted": ("glass_pad",)}),
    ("the key of Bb", {"tonic": 10, "mode": "major"}),
    ("not sad, not too fast", {"moods": (), "pace": pytest.approx(-0.32)}),
]
GERMAN: list[tuple[str, Expected]] = [
    ("langsamer Walzer in h-Moll", {"pace": -0.8, "metre": "3/4", "tonic": 11, "mode": "minor"}),
    ("B-Dur, 96 Schläge pro Minute", {"tonic": 10, "mode": "major", "tempo": 96.0}),
    ("as-Moll", {"tonic": 8, "mode": "minor"}),
    ("Es-Dur", {"tonic": 3, "mode": "major"}),
    ("d-dorisch", {"tonic": 2, "mode": "dorian"}),
    ("ohne Schlagzeug und Bass", {"unwanted": {"drums", "bass"}}),
    ("weder Bass noch Schlagzeug", {"unwanted": {"drums", "bass"}}),
    ("kein Klavier, dafür Flöte und Harfe", {"unwanted": {"piano"}, "wanted": ("flute", "harp")}),
    ("fröhliche Musik mit Akustikgitarre", {"moods": ("happy",), "wanted": ("acoustic_guitar",)}),
    ("duestere Filmmusik mit Streichern", {"moods": ("dark",), "style": "cinematic", "wanted": ("strings",)}),
    ("80er Synthesizer", {"decade": 1980, "style": "synthwave"}),
    ("langsamer Aufbau, Höhepunkt in der Mitte", {"arc": "build", "climax": 0.5}),
    ("leiser Anfang, langsam ausblenden", {"start": "quiet", "end": "fade"}),
    ("Drop nach 20 Sekunden", {"drop_seconds": 20.0}),
    ("sehr schneller Techno mit viel Energie", {"pace": 1.0, "style": "techno", "lift": True}),
    ("ein ruhiges Klavierstück im 3/4-Takt", {"moods": ("calm",), "style": "piano", "metre": "3/4"}),
]
FRENCH: list[tuple[str, Expected]] = [
    ("valse lente en si bémol majeur", {"pace": -0.8, "metre": "3/4", "tonic": 10, "mode": "major"}),
    ("la mineur, 90 battements par minute", {"tonic": 9, "mode": "minor", "tempo": 90.0}),
    ("fa dièse mineur", {"tonic": 6, "mode": "minor"}),
    ("ré dorien", {"tonic": 2, "mode": "dorian"}),
    ("sans batterie ni basse", {"unwanted": {"drums", "bass"}}),
    ("pas de piano, avec de la flûte", {"unwanted": {"piano"}, "wanted": ("flute",)}),
    ("musique triste et rêveuse", {"moods": ("sad", "dreamy")}),
    ("jazz joyeux avec de l'orgue", {"style": "jazz", "moods": ("happy",), "wanted": ("organ",)}),
    ("années 80, synthétiseurs", {"decade": 1980, "style": "synthwave"}),
    ("années quatre-vingt", {"decade": 1980}),
    ("montée progressive, point culminant au milieu", {"arc": "build", "climax": 0.5}),
    ("commence doucement, fondu à la fin", {"start": "quiet", "end": "fade"}),
    ("drop après 25 secondes", {"drop_seconds": 25.0}),
    ("musique de film épique, très rapide", {"style": "cinematic", "moods": ("epic",), "pace": 1.0}),
    ("guitare acoustique et violoncelle", {"first": "acoustic_guitar"}),
]
ITALIAN: list[tuple[str, Expected]] = [
    ("valzer lento in si bemolle maggiore", {"pace": -0.8, "metre": "3/4", "tonic": 10, "mode": "major"}),
    ("re minore, 100 battiti al minuto", {"tonic": 2, "mode": "minor", "tempo": 100.0}),
    ("do diesis minore", {"tonic": 1, "mode": "minor"}),
    ("sol misolidio", {"tonic": 7, "mode": "mixolydian"}),
    ("senza batteria né basso", {"unwanted": {"drums", "bass"}}),
    ("senza pianoforte, con arpa e flauto", {"unwanted": {"piano"}, "wanted": ("harp", "flute")}),
    ("musica triste e sognante", {"moods": ("sad", "dreamy")}),
    ("jazz felice con l'organo", {"style": "jazz", "moods": ("happy",), "wanted": ("organ",)}),
    ("anni '80", {"decade": 1980, "style": "synthwave"}),
    ("anni settanta", {"decade": 1970, "style": "funk"}),
    ("in crescendo, culmine a metà", {"arc": "build", "climax": 0.5}),
    ("inizia piano, dissolvenza finale", {"start": "quiet", "end": "fade"}),
    ("drop dopo 15 secondi", {"drop_seconds": 15.0}),
    ("colonna sonora epica, presto", {"style": "cinematic", "moods": ("epic",), "pace": 1.0}),
    ("andante con moto", {"pace": -0.4}),
]
SPANISH: list[tuple[str, Expected]] = [
    ("vals lento en si bemol mayor", {"pace": -0.8, "metre": "3/4", "tonic": 10, "mode": "major"}),
    ("la menor, 110 pulsaciones por minuto", {"tonic": 9, "mode": "minor", "tempo": 110.0}),
    ("fa sostenido menor", {"tonic": 6, "mode": "minor"}),
    ("re dórico", {"tonic": 2, "mode": "dorian"}),
    ("sin batería ni bajo", {"unwanted": {"drums", "bass"}}),
    ("sin piano, con arpa y flauta", {"unwanted": {"piano"}, "wanted": ("harp", "flute")}),
    ("música triste y soñadora", {"moods": ("sad", "dreamy")}),
    ("jazz alegre con órgano", {"style": "jazz", "moods": ("happy",), "wanted": ("organ",)}),
    ("años 80", {"decade": 1980, "style": "synthwave"}),
    ("de los años setenta", {"decade": 1970, "style": "funk"}),
    ("construcción lenta, clímax en la mitad", {"arc": "build", "climax": 0.5}),
    ("empieza suave y se desvanece", {"start": "quiet", "end": "fade"}),
    ("drop después de 40 segundos", {"drop_seconds": 40.0}),
    ("banda sonora épica, muy rápida", {"style": "cinematic", "moods": ("epic",), "pace": 1.0}),
    ("guitarra española y percusión", {"wanted": ("nylon_guitar", "drums")}),
]


def _properties(request: MusicRequest) -> Expected:
    highlights = request.form.highlights
    drop, climax = highlights.get("drop"), highlights.get("climax")
    return {
        "tempo": request.tempo,
        "pace": request.tempo_lean,
        "tonic": request.tonic,
        "mode": request.mode,
        "metre": request.metre,
        "decade": request.decade,
        "style": request.style.key,
        "moods": request.moods,
        "wanted": request.included,
        "first": request.included[:1] and request.included[0],
        "unwanted": set(request.excluded),
        "lift": request.energy > request.style.energy,
        "arc": request.form.arc,
        "start": request.form.start,
        "end": request.form.end,
        "pattern": request.form.theme_order,
        "drop": drop and drop.share,
        "drop_seconds": drop and drop.seconds,
        "climax": climax and climax.share,
    }


@pytest.mark.parametrize(("text", "expected"), [*ENGLISH, *GERMAN, *FRENCH, *ITALIAN, *SPANISH])
def test_a_prompt_is_read_in_its_language(text: str, expected: Expected) -> None:
    request = reader.read(text, ())
    properties = _properties(request)
    assert {name: properties[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("text", "tags", "expected"),
    [
        ("slow techno at 170 bpm", (), {"tempo": 170.0}),
        ("sad song in C major", (), {"mode": "major"}),
        ("happy, in minor", (), {"mode": "minor"}),
        ("techno with drums, no drums", (), {"unwanted": {"drums"}, "wanted": ()}),
        ("jazz, then house", (), {"style": "jazz"}),
        ("jazz", ("house",), {"style": "house"}),
        ("80s rock", (), {"style": "rock", "decade": 1980}),
        ("slow, fast", (), {"pace": -0.8}),
        ("fast", ("slow",), {"pace": -0.8}),
        ("90 bpm, no: 120 bpm", (), {"tempo": 90.0}),
        ("builds up, then winds down", (), {"arc": "build"}),
    ],
)
def test_contradictions_are_resolved_in_the_documented_order(
    text: str, tags: tuple[str, ...], expected: Expected
) -> None:
    properties = _properties(reader.read(text, tags))
    assert {name: properties[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("text", "phrase", "replacement"),
    [
        ("techno at 300 bpm", "300 bpm", "220 bpm"),
        ("jazz in 11/8", "11/8", "4/4"),
        ("folk in 6/8, no, a waltz", "waltz", "Folk in 6/8"),
        ("80s rock", "80s", "Rock with gated drums and chorus"),
        ("techno from the nineties", "nineties", "Techno with sampled drums"),
        ("dnb from the 2010s", "2010s", "Drum and bass"),
        ("rock, a cappella", "a cappella", "Choir without words"),
        ("jazz and then techno", "techno", "Jazz trio"),
        ("jazz with oboe", "oboe", "Clarinet"),
    ],
)
def test_phrases_without_an_exact_match_are_reported_as_approximated(
    text: str, phrase: str, replacement: str | None
) -> None:
    request = reader.read(text, ())
    approximated = {approximation.asked: approximation.given for approximation in request.words_approximated}
    assert phrase in approximated
    assert replacement in {None, approximated[phrase]}
    assert phrase not in request.words_used
    assert phrase not in request.words_ignored


def test_every_word_is_used_or_ignored() -> None:
    request = reader.read("Calm lofi waltz at 82 bpm with rhodes about my grandmother's kitchen, no drums", ())
    assert request.words_used == ("82 bpm", "waltz", "rhodes", "no drums", "lofi", "calm")
    assert request.words_approximated == ()
    assert request.words_ignored == ()
    assert request.subject == "my grandmother's kitchen"


def test_every_language_covers_the_same_meanings() -> None:
    for language in LANGUAGES:
        assert set(language.moods) == set(LANGUAGES[0].moods)
        assert {"build", "drop", "climax", "quiet_start", "fade"} <= set(language.forms)
        assert {"drums", "bass", "piano", "strings"} <= set(language.instruments)
        assert {"major", "minor", "dorian"} <= set(language.modes)
        assert {"3/4", "6/8", "5/4", "7/8", "12/8"} <= set(language.metres)
        assert {"before", "after", "both"} <= set(language.exclusivity)
        assert set(language.transformations) <= {
            *transformation_table.TRANSFORMATIONS,
            *transformation_table.SWING_RATIOS,
        }
        assert {*transformation_table.TRANSFORMATIONS, *transformation_table.SWING_RATIOS} - {"tremolo"} <= set(
            language.transformations
        )
