"""Full-text queries from any user input."""

import pytest
from sqlalchemy import cast, func, literal, select
from sqlalchemy.dialects.postgresql import REGCONFIG

from storage.postgres import fulltext
from storage.postgres.database import Database
from storage.postgres.fulltext import SearchTerms

ABOUT = 'Späte Nacht at the lo-fi café, warm piano ["jazz hop", "90 bpm"]'


async def matches(database: Database, text: str, about: str = ABOUT) -> bool:
    words = func.to_tsvector(cast(literal("simple"), REGCONFIG), about)
    async with database.transaction() as session:
        return bool(await session.scalar(select(words.op("@@")(fulltext.build_tsquery(text)))))


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("late ni", SearchTerms("late ", "ni")),
        ("ni", SearchTerms("", "ni")),
        ("late night ", SearchTerms("late night ")),
        ("late or ni", SearchTerms("late ", "ni", is_or=True)),
        ("late or", SearchTerms("late ")),
        ("or", SearchTerms("", "or")),
        ("late -ni", SearchTerms("late -ni")),
        ('"late ni', SearchTerms('"late ni')),
        ('"late night" pi', SearchTerms('"late night" ', "pi")),
        ('"late night"', SearchTerms('"late night"')),
        ("", SearchTerms("")),
        ("?!", SearchTerms("?!")),
    ],
)
def test_the_last_word_is_a_prefix_unless_it_is_quoted_or_excluded(text: str, terms: SearchTerms) -> None:
    assert fulltext.parse(text) == terms


@pytest.mark.parametrize(
    "text",
    [
        "p",
        "pia",
        "piano",
        "PIANO warm",
        "warm pia",
        "nacht spä",
        "cafe or café",
        "lo-f",
        "lo-fi",
        "fi",
        '"warm piano"',
        '"lo-fi café" pi',
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
        "cafe",
        "?!",
        "",
        "_",
    ],
)
async def test_a_query_does_not_match(database: Database, text: str) -> None:
    assert not await matches(database, text)


@pytest.mark.parametrize(
    "text",
    [
        "'", "''", "\\", "\\'", "a'b", "a\\", "it's", "x:*", "a & b | !c", "(a", "a)", "<->", "a <-> b", "%", "$1",
        '"', '"a', "- -", "--x", "-", "or or or", "or -or", "*", ":", "a:b:c", "\t\n\r", "🎷", "ÅÄÖ", "٣", "a" * 200,
        "' or 1=1 --x",
        "http://example.org/a?b=c d", "a@b.c", "1.5e3", "-1.5", "…", "\u200b", "\u0301", "ß", "İ", "\U000e0001",
    ],
)  # fmt: skip
async def test_any_text_is_a_valid_query(database: Database, text: str) -> None:
    assert await matches(database, f"{text} zz", "") is False
    # a query of exclusions alone matches what it does not exclude
    assert await matches(database, text, "") is (text == "-1.5")


async def test_words_with_quotes_match(database: Database) -> None:
    assert await matches(database, "rock'n", "Rock'n'Roll \\ night")
    assert await matches(database, "it's", "It's late")
