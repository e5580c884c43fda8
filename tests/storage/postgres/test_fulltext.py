"""Full-text queries from any user input."""

import pytest
from sqlalchemy import cast, literal, select
from sqlalchemy.dialects.postgresql import TSVECTOR

from storage.postgres import fulltext
from storage.postgres.database import Database

ABOUT = 'Späte Nacht at the lo-fi café, warm piano ["jazz hop", "90 bpm"]'


async def matches(database: Database, text: str, about: str = ABOUT) -> bool:
    vector = cast(literal(fulltext.build_vector([about])), TSVECTOR)
    async with database.transaction() as session:
        return bool(await session.scalar(select(fulltext.matches(vector, text))))


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("late ni", "('late') & ('ni':*)"),
        ("ni", "('ni':*)"),
        ("late or ni", "('late') | ('ni':*)"),
        ("late or", "('late')"),
        ("or", "('or':*)"),
        ("late -ni", "('late') & !('ni')"),
        ('"late ni', "('late' <-> 'ni')"),
        ('"late night" pi', "('late' <-> 'night') & ('pi':*)"),
        ("lo-fi", "(('lofi':* | 'lo' <-> 'fi':*))"),
        ("", ""),
        ("?!", ""),
    ],
)
def test_the_last_word_is_a_prefix_unless_it_is_quoted_or_excluded(text: str, query: str) -> None:
    assert fulltext.parse(text) == query


@pytest.mark.parametrize(
    "text",
    [
        "p",
        "pia",
        "piano",
        "PIANO warm",
        "warm pia",
        "nacht spä",
        "nacht spa",
        "cafe or café",
        "cafe",
        "CAFÉ",
        "lo-f",
        "lo-fi",
        "lofi",
        "lo fi",
        "fi",
        '"warm piano"',
        '"lo-fi café" pi',
        '"lofi café"',
        "drums or pia",
        "piano or drum",
        "warm drums or piano",
        "piano -drums",
        "jazz",
        "bpm 90",
        "piano or",
        "piano -war warm",
    ],
)
async def test_a_query_matches(database: Database, text: str) -> None:
    assert await matches(database, text)


@pytest.mark.parametrize(
    "text",
    [
        "iano",
        "drums",
        "pia drums",
        "pian warm",
        '"piano warm"',
        "piano -warm",
        "?!",
        "",
        "_",
    ],
)
async def test_a_query_does_not_match(database: Database, text: str) -> None:
    assert not await matches(database, text)


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("机", "夜の机"),
        ("の机", "夜の机"),
        ("夜", "真夜中のピアノ"),
        ("ピアノ", "真夜中のピアノ"),
        ("ﾋﾟｱﾉ", "真夜中のピアノ"),  # half width
        ("책상", "밤의책상위"),
        ("สวัส", "เพลงสวัสดี"),
        ("🎧", "Night 🎧 Desk"),
        ("don't", "Don\u2019t Stop"),
        ("don\u2019t", "Don't Stop"),
        ("dont", "Don\u2019t Stop"),
        ("don't", "Dont Stop"),
        ("été", "L\u2019Été indien"),
        ("lete", "L'été"),
        ("strasse", "Straße"),
        ("STRAẞE", "strasse"),
        ("straß", "STRASSENMUSIK"),
        ("lofi", "Lo\u2010Fi"),  # a hyphen of its own
        ("lo\u2011fi", "lofi"),
        ("oresund", "Øresund"),
        ("aether", "Æther"),
        ("łodz", "Łódź"),
        ("istanbul", "İstanbul"),
        ("isik", "I\u015f\u0131k"),
        ("ελλαδα", "Ελλάδα"),
        ("ежик", "Ёжик"),
        ("שלום", "שָׁלוֹם"),
        ("हिन्दी", "हिन्दी गीत"),
        ("abc", "\uff21\uff22\uff23"),  # full width
        ("soft", "so\u00adft"),  # soft hyphen
        ("cafe\u0301", "café"),
        ("noël", "NOEL"),
        ("ho chi minh", "Hồ Chí Minh"),
        ("é" * 200, "é" * 2000),
    ],
)
async def test_differences_of_writing_are_folded(database: Database, text: str, about: str) -> None:
    assert await matches(database, text, about)


@pytest.mark.parametrize(("text", "about"), [("机夜", "夜の机"), ("か", "が"), ("की", "का"), ("a b", "a-c")])
async def test_different_words_stay_different(database: Database, text: str, about: str) -> None:
    assert not await matches(database, text, about)


@pytest.mark.parametrize(
    "text",
    [
        "'", "''", "\\", "\\'", "a'b", "a\\", "it's", "x:*", "a & b | !c", "(a", "a)", "<->", "a <-> b", "%", "$1",
        '"', '"a', "- -", "--x", "-", "or or or", "or -or", "*", ":", "a:b:c", "\t\n\r", "🎷", "ÅÄÖ", "٣", "a" * 200,
        "' or 1=1 --x", "\ufdfa" * 200,
        "http://example.org/a?b=c d", "a@b.c", "1.5e3", "-1.5", "…", "\u200b", "\u0301", "ß", "İ", "\U000e0001",
    ],
)  # fmt: skip
async def test_any_text_is_a_valid_query(database: Database, text: str) -> None:
    assert await matches(database, f"{text} zz", "") is False
    # a query of exclusions alone matches what it does not exclude
    assert await matches(database, text, "") is (text == "-1.5")
    # and a valid text to index
    assert await matches(database, "zz", f"{text} zz")


async def test_words_with_quotes_match(database: Database) -> None:
    assert await matches(database, "rock'n", "Rock'n'Roll \\ night")
    assert await matches(database, "it's", "It's late")
