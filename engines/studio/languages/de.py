"""German."""

from typing import Final

from engines.studio.languages.language import Language

GERMAN: Final = Language(
    code="de",
    moods={
        "calm": "ruhig, sanft, entspannt, entspannend, leise, friedlich, still, beruhigend, gelassen, meditativ, "
        "zum einschlafen, zum schlafen, schlaflied, zum entspannen, zum lernen",
        "dark": "düster, dunkel, bedrohlich, unheimlich, spannend, gespenstisch, mysteriös, geheimnisvoll, nachts, "
        "nacht, finster",
        "sad": "traurig, wehmütig, melancholisch, nostalgisch, sehnsüchtig, einsam, herbstlich, regnerisch",
        "happy": "fröhlich, heiter, glücklich, lustig, freudig, sonnig, unbeschwert, verspielt, sommerlich, positiv",
        "energetic": "energiegeladen, treibend, kraftvoll, energisch, mitreißend, aggressiv, wild, tanzbar, hart, "
        "energetisch, intensiv",
        "dreamy": "träumerisch, schwebend, verträumt, sphärisch, traumhaft, kosmisch, hypnotisch",
        "epic": "episch, heldenhaft, dramatisch, majestätisch, heroisch, triumphal, gewaltig",
        "warm": "gemütlich, warmherzig, romantisch, zärtlich, innig, gefühlvoll, liebevoll",
    },
    pace={
        -1.0: "sehr langsam",
        -0.8: "langsam, gemächlich, schleppend, getragen",
        0.0: "mittleres tempo, mittelschnell, mäßig",
        0.8: "schnell, rasch, flott, zügig, rasant",
        1.0: "sehr schnell",
    },
    energy={
        -0.25: "wenig energie, niedrige energie, zurückhaltend, reduziert, sparsam",
        0.2: "energie, lebhaft, lebendig",
        0.3: "viel energie, hohe energie, voller energie",
    },
    instruments={
        "electric_piano": "epiano, elektrisches klavier",
        "piano": "klavier, flügel, piano, konzertflügel",
        "organ": "orgel, kirchenorgel",
        "accordion": "akkordeon, ziehharmonika, schifferklavier",
        "harmonica": "mundharmonika",
        "harpsichord": "cembalo, spinett",
        "vibraphone": "vibraphon, vibrafon",
        "marimba": "xylophon, xylofon",
        "glockenspiel": "spieluhr, glockenspiel, celesta",
        "bells": "glocken, glocke, kirchenglocken",
        "nylon_guitar": "konzertgitarre, klassische gitarre, spanische gitarre, nylongitarre",
        "steel_guitar": "akustikgitarre, akustische gitarre, westerngitarre, akustikgitarren, zupfgitarre",
        "electric_guitar": "gitarre, egitarre, gitarren, elektrische gitarre, egitarren",
        "driven_guitar": "verzerrte gitarre, verzerrte gitarren, verzerrten gitarren, verzerrter gitarre",
        "mandolin": "mandoline",
        "upright_bass": "kontrabass, kontrabaß",
        "electric_bass": "ebass, bassgitarre",
        "harp": "harfe, harfen",
        "warm_pad": "flächen, klangflächen, synthflächen, klangteppich",
        "lead": "synthesizer, synthie",
        "strings": "streicher, streichern, geigen, streichorchester",
        "violin": "geige, violine",
        "viola": "bratsche",
        "cello": "cello, celli",
        "brass": "bläser, blechbläser, blech, hörner, bläsern",
        "trumpet": "trompete, trompeten",
        "trombone": "posaune, posaunen",
        "horn": "waldhorn, horn",
        "flute": "flöte, querflöte, flöten",
        "pan_flute": "panflöte, blockflöte",
        "sax": "saxophon, saxofon",
        "clarinet": "klarinette",
        "bassoon": "fagott",
        "bagpipes": "dudelsack",
        "choir": "chor, stimmen, chöre",
        "vocals": "gesang, sänger, sängerin, stimme, singstimme",
        "timpani": "pauken, pauke",
        "brush_kit": "besen, jazzbesen",
        "vinyl": "plattenknistern, knistern, schallplatte, vinylknistern",
        "drums": "schlagzeug, trommeln, trommel, perkussion, schlagwerk, rhythmusgruppe",
        "bass": "bass, basslinie, bässe",
        "melody": "melodie, melodien",
    },
    styles={
        "piano": "klavierstück, klaviermusik, klavierballade, wiegenlied, klavier solo, soloklavier",
        "cinematic": "filmmusik, orchestermusik, orchester, orchestral",
        "folk": "volksmusik, volkslied, lagerfeuer",
        "quartet|string_quartet|strings|cinematic": "streichquartett, kammermusik",
        "ambient": "klanglandschaft, hintergrundmusik",
        "meditation|ambient": "meditationsmusik, entspannungsmusik, meditation",
        "sleep|drone|ambient": "schlafmusik, einschlafmusik",
        "chiptune": "videospielmusik, 8 bit musik",
        "techno": "elektronisch, elektronische musik, elektro",
    },
    forms={
        "build": "langsamer aufbau, langsam aufbauend, baut sich auf, steigerung, steigert sich, aufbauend, "
        "langsam steigernd, anschwellend, wird immer lauter, langsame steigerung, baut sich langsam auf, "
        "steigert sich langsam",
        "fall": "wird leiser, abklingend, beruhigt sich, abschwellend",
        "drop": "drop",
        "climax": "höhepunkt, gipfel",
        "break": "ruhiger teil, ruhige stelle, pause, ruhigen teil",
        "quiet_start": "leiser anfang, beginnt leise, fängt leise an, startet leise, ruhiger anfang, beginnt ruhig, "
        "leise beginnend, ruhiges intro, leises intro, startet ruhig",
        "loud_start": "ohne intro, kein intro, beginnt laut, sofort los, startet laut, ohne einleitung, lauter anfang",
        "quiet_end": "endet leise, leises ende, ruhiges ende, endet ruhig, leiser schluss, ruhiger schluss",
        "loud_end": "großes finale, endet laut, großer schluss, lautes ende, fulminantes ende",
        "fade": "ausblenden, langsam ausblenden, ausgeblendet, blendet aus, ausklingen, klingt langsam aus",
        "long_intro": "langes intro, lange einleitung",
    },
    places={
        0.08: "anfang, beginn",
        0.33: "ersten drittel",
        0.5: "mitte, hälfte",
        0.67: "letzten drittel, zwei dritteln, zweiten hälfte",
        0.9: "ende, schluss, schluß",
    },
    modes={
        "major": "dur",
        "minor": "moll",
        "dorian": "dorisch",
        "phrygian": "phrygisch",
        "lydian": "lydisch",
        "mixolydian": "mixolydisch",
    },
    metres={"3/4": "walzer, dreivierteltakt, walzertakt", "6/8": "sechsachteltakt", "4/4": "viervierteltakt",
            "2/4": "marsch, polka"},
    eras={1920: "zwanziger", 1950: "fünfziger", 1960: "sechziger", 1970: "siebziger", 1980: "achtziger",
          1990: "neunziger"},
    negations="ohne, kein, keine, keinen, keinem, keiner, keinerlei, nicht, weder, noch, statt, anstatt, außer, "
    "nicht zu",
    links="den, die, das, der, dem, zu, jegliche, jede",
    joins="und, oder, noch, sowie",
    quiet="und, oder, ein, eine, einen, einem, einer, eines, der, die, das, den, dem, des, mit, für, im, in, von, zu, "
    "zum, zur, musik, stück, lied, song, ohne, kein, keine, ist, am, an, auf, aus, bei, nach, sehr, etwas, bitte, "
    "mach, mache, erstelle, schreibe, soll, sollte, sein, wie, über, als, mir, ich, möchte, will, stil, stimmung, "
    "takt, tonart, schläge, pro, minute, sekunden, lang, dann, aber, auch, nur, nicht, jahre, jahren, jahrzehnt, "
    "sich, so, mal, es, um, klang, gefühl, immer, wird",
    endings={"": "e er es en em"},
)  # fmt: skip
