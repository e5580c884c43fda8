import pytest

from engines.studio.instruments import CATALOGUE
from engines.studio.instruments.groups import KIT_PIECES
from engines.studio.languages import LANGUAGES
from engines.studio.orchestration import casting
from engines.studio.prompt import reader
from engines.studio.prompt.instrument_concepts import EXCLUDED, NEAREST, SAME, TYPICAL_STYLES, is_concept, is_playable
from engines.studio.styles import STYLES

CODES = ("en", "de", "fr", "it", "es")
PROMPTS: dict[str, tuple[str, str, str, str, str]] = {
    "piano": ("piano", "Klavier", "piano", "pianoforte", "piano"),
    "electric_piano": ("electric piano", "E-Piano", "piano électrique", "piano elettrico", "piano eléctrico"),
    "reed_keys": ("wurlitzer", "Wurlitzer", "piano à anches", "pianoforte ad ance", "piano de lengüetas"),
    "clavinet": ("clavinet", "Clavinet", "clavinet", "clavinet", "clavinet"),
    "organ": ("organ", "Orgel", "orgue", "organo", "órgano"),
    "singing_bowl": ("singing bowl", "Klangschalen", "bols tibétains", "campane tibetane", "cuencos tibetanos"),
    "handpan": ("handpan", "Handpan", "handpan", "handpan", "handpan"),
    "vibraphone": ("vibraphone", "Vibraphon", "vibraphone", "vibrafono", "vibráfono"),
    "marimba": ("marimba", "Marimba", "marimba", "marimba", "marimba"),
    "glockenspiel": ("glockenspiel", "Glockenspiel", "carillon", "carillon", "carillón"),
    "music_box": ("music box", "Spieluhr", "boîte à musique", "scatola musicale", "caja de música"),
    "bells": ("bells", "Glocken", "cloches", "campane", "campanas"),
    "kalimba": ("kalimba", "Daumenklavier", "sanza", "kalimba", "kalimba"),
    "nylon_guitar": ("classical guitar", "Konzertgitarre", "guitare classique", "chitarra classica",
                     "guitarra clásica"),
    "steel_guitar": ("steel-string guitar", "Westerngitarre", "guitare à cordes d'acier",
                     "chitarra a corde metalliche", "guitarra de cuerdas de acero"),
    "electric_guitar": ("electric guitar", "E-Gitarre", "guitare électrique", "chitarra elettrica",
                        "guitarra eléctrica"),
    "muted_guitar": ("muted guitar", "gedämpfte Gitarre", "guitare étouffée", "chitarra stoppata", "guitarra apagada"),
    "driven_guitar": ("distorted guitar", "verzerrte Gitarre", "guitare saturée", "chitarra distorta",
                      "guitarra distorsionada"),
    "palm_mute": ("palm-muted guitar", "Palm-Mute-Gitarre", "guitare en palm mute", "chitarra in palm mute",
                  "guitarra con palm mute"),
    "banjo": ("banjo", "Banjo", "banjo", "banjo", "banjo"),
    "picked_bass": ("picked bass", "Plektrumbass", "basse au médiator", "basso col plettro", "bajo con púa"),
    "upright_bass": ("double bass", "Kontrabass", "contrebasse", "contrabbasso", "contrabajo"),
    "electric_bass": ("electric bass", "E-Bass", "basse électrique", "basso elettrico", "bajo eléctrico"),
    "slap_bass": ("slap bass", "Slapbass", "basse slap", "basso slap", "bajo slap"),
    "harp": ("harp", "Harfe", "harpe", "arpa", "arpa"),
    "warm_pad": ("pads", "Klangflächen", "nappes", "tappeto sonoro", "colchón sonoro"),
    "glass_pad": ("glass pad", "gläserne Flächen", "nappes cristallines", "tappeto cristallino", "colchón cristalino"),
    "supersaw": ("supersaw", "Supersaws", "supersaw", "supersaw", "supersaw"),
    "lead": ("synth lead", "Synthlead", "synthé lead", "sintetizzatore lead", "sintetizador líder"),
    "soft_lead": ("soft lead", "weicher Lead", "synthé doux", "sintetizzatore morbido", "sintetizador suave"),
    "chip_lead": ("square wave", "Rechteckwelle", "onde carrée", "onda quadra", "onda cuadrada"),
    "chip_pulse": ("pulse wave", "Pulswelle", "onde pulsée", "onda a impulsi", "onda de pulso"),
    "chip_bass": ("triangle bass", "Dreiecksbass", "basse triangulaire", "basso triangolare", "bajo triangular"),
    "pluck": ("synth pluck", "Zupfsynth", "synthé pincé", "sintetizzatore pizzicato", "sintetizador punteado"),
    "stab": ("chord stabs", "Akkordstöße", "accords plaqués", "accordi secchi", "acordes secos"),
    "synth_bass": ("synth bass", "Synthbass", "basse synthé", "basso sintetico", "bajo sintetizado"),
    "house_bass": ("rubber bass", "Gummibass", "basse élastique", "basso elastico", "bajo elástico"),
    "acid_bass": ("acid bass", "Acidbass", "basse acid", "basso acid", "bajo ácido"),
    "reese_bass": ("reese bass", "Reesebass", "basse reese", "basso reese", "bajo reese"),
    "sub_bass": ("sub bass", "Subbass", "infrabasse", "sub basso", "subbajo"),
    "strings": ("strings", "Streicher", "cordes", "archi", "cuerdas"),
    "staccato_strings": ("staccato strings", "kurze Streicher", "cordes staccato", "archi staccati", "cuerdas cortas"),
    "pizzicato": ("pizzicato", "gezupfte Streicher", "cordes pincées", "archi pizzicati", "cuerdas pulsadas"),
    "brass": ("brass section", "Blechbläser", "cuivres", "ottoni", "metales"),
    "horn": ("french horn", "Waldhorn", "cor d'harmonie", "corno francese", "trompa"),
    "flute": ("flute", "Querflöte", "flûte", "flauto", "flauta"),
    "sax": ("saxophone", "Saxophon", "saxophone", "sassofono", "saxofón"),
    "choir": ("choir", "Chor", "chœur", "coro", "coro"),
    "voice": ("vocalise", "Vokalise", "vocalise", "vocalizzo", "vocalización"),
    "humming": ("humming", "Summen", "fredonnement", "a bocca chiusa", "tarareo"),
    "trumpet": ("trumpet", "Trompete", "trompette", "tromba", "trompeta"),
    "violin": ("violin", "Geige", "violon", "violino", "violín"),
    "viola": ("viola", "Bratsche", "alto", "viola", "viola"),
    "cello": ("cello", "Cello", "violoncelle", "violoncello", "violonchelo"),
    "clarinet": ("clarinet", "Klarinette", "clarinette", "clarinetto", "clarinete"),
    "harmonica": ("harmonica", "Mundharmonika", "harmonica", "armonica", "armónica"),
    "accordion": ("accordion", "Akkordeon", "accordéon", "fisarmonica", "acordeón"),
    "melodica": ("melodica", "Melodika", "mélodica", "melodica", "melódica"),
    "timpani": ("timpani", "Pauken", "timbales d'orchestre", "timpani", "timbales sinfónicos"),
    "acoustic_kit": ("acoustic drums", "akustisches Schlagzeug", "batterie acoustique", "batteria acustica",
                     "batería acústica"),
    "lofi_kit": ("dusty drums", "staubige Drums", "batterie poussiéreuse", "batteria polverosa", "batería polvorienta"),
    "brush_kit": ("brushes", "Jazzbesen", "balais", "spazzole", "escobillas"),
    "kit_808": ("808 drums", "808", "808", "808", "808"),
    "kit_909": ("909 drums", "909", "909", "909", "909"),
    "gated_kit": ("gated drums", "gegatetes Schlagzeug", "batterie gated", "batteria gated", "batería gated"),
    "boombap_kit": ("sampled drums", "gesampeltes Schlagzeug", "batterie samplée", "batteria campionata",
                    "batería sampleada"),
    "metal_kit": ("double kick", "Doppelpedal", "double pédale", "doppia cassa", "doble bombo"),
    "hand_kit": ("hand percussion", "Handtrommeln", "percussions à main", "percussioni a mano", "percusión de mano"),
    "orchestral_kit": ("orchestral percussion", "Orchesterschlagwerk", "percussions d'orchestre",
                       "percussioni orchestrali", "percusión orquestal"),
    "harpsichord": ("harpsichord", "Cembalo", "clavecin", "clavicembalo", "clavecín"),
    "sitar": ("sitar", "Sitar", "sitar", "sitar", "sitar"),
    "koto": ("koto", "Koto", "koto", "koto", "koto"),
    "oud": ("oud", "Oud", "oud", "oud", "oud"),
    "bagpipes": ("bagpipes", "Dudelsack", "cornemuse", "cornamusa", "gaita"),
    "tuba": ("tuba", "Tuba", "tuba", "tuba", "tuba"),
    "log_drum_bass": ("log drum", "Log Drum", "log drum", "log drum", "log drum"),
    "latin_kit": ("latin percussion", "Latin Percussion", "percussions latines", "percussioni latine",
                  "percusión latina"),
    "tabla": ("tabla", "Tabla", "tabla", "tabla", "tabla"),
    "taiko": ("taiko", "Taiko", "taiko", "taiko", "taiko"),
    "frame_drum": ("frame drum", "Rahmentrommel", "tambour sur cadre", "tamburo a cornice", "pandero"),
    "percussion_set": ("small percussion", "kleine Percussion", "petites percussions", "piccole percussioni",
                       "percusión menor"),
    "march_kit": ("marching drums", "Marschtrommeln", "tambours militaires", "tamburi militari", "caja militar"),
    "sleigh_bells": ("sleigh bells", "Schlittenglocken", "grelots", "sonagli", "cascabeles"),
    "hard_kit": ("distorted kick", "verzerrte Kick", "kick saturé", "cassa distorta", "bombo distorsionado"),
    "cowbell": ("cowbell", "Kuhglocke", "cloche à vache", "campanaccio", "cencerro"),
    "wobble_bass": ("wobble bass", "Wobblebass", "basse wobble", "basso wobble", "bajo wobble"),
    "vinyl": ("vinyl crackle", "Knistern", "craquements", "vinile", "vinilo"),
    "air": ("wind noise", "Windrauschen", "bruit du vent", "rumore del vento", "sonido del viento"),
    "rainfall": ("rain sounds", "Regengeräusche", "bruit de pluie", "suono della pioggia", "sonido de lluvia"),
    "riser": ("riser", "Riser", "riser", "riser", "riser"),
    "impact": ("impacts", "Einschläge", "impacts", "impatti", "impactos"),
}  # fmt: skip
"""A prompt for each instrument in each language, in the order of CODES."""


def test_every_instrument_has_a_prompt() -> None:
    assert set(PROMPTS) == set(CATALOGUE)


@pytest.mark.parametrize(("key", "language"), [(key, place) for key in PROMPTS for place in range(len(CODES))])
def test_an_instrument_is_recognized_in_every_language(key: str, language: int) -> None:
    request = reader.read(PROMPTS[key][language], ())
    assert request.included == (key,)
    assert request.words_ignored == ()
    assert request.words_approximated == ()
    assert key in {part.instrument for part in casting.cast_parts(request)}


def test_every_key_of_a_language_is_a_concept() -> None:
    for language in LANGUAGES:
        for concept in language.instruments:
            assert is_concept(concept), concept


def test_every_concept_has_names_in_english_and_known_styles() -> None:
    english = LANGUAGES[0].instruments
    assert {*SAME, *NEAREST} <= english.keys()
    assert KIT_PIECES.keys() - {"ride"} <= english.keys()
    assert all(is_concept(concept) for concept in TYPICAL_STYLES)
    assert {style for styles in TYPICAL_STYLES.values() for style in styles} <= STYLES.keys()
    assert EXCLUDED.keys() <= {*SAME, *NEAREST}
    assert not [concept for concept in (*SAME, *NEAREST) if is_playable(concept)]


def test_no_phrase_has_two_instruments_in_one_language() -> None:
    for language in LANGUAGES:
        phrases = [phrase for phrases in language.instruments.values() for phrase in phrases]
        assert len(phrases) == len(set(phrases)), sorted({phrase for phrase in phrases if phrases.count(phrase) > 1})
