"""Remarks with codes, and the sentences of the studio engine, each of which has one."""

import re
from collections.abc import Mapping

import pytest

from core.settings import PROJECT
from engines import remarks
from engines.port import Controls, RenderRequest
from engines.remarks import RemarkCode
from engines.studio.arranging import explanation


@pytest.mark.parametrize("code", RemarkCode)
def test_a_sentence_has_the_code_that_wrote_it(code: RemarkCode) -> None:
    names = re.findall(r"\{(\w+)\}", code)
    words = {name: f"word {number}" for number, name in enumerate(names)}
    assert remarks.read(code.write(**words)) == remarks.Remark(code, code.write(**words), tuple(words.values()))


def test_words_may_contain_anything() -> None:
    text = RemarkCode.NAME_UNUSED.write(words='{0} "is the name of"\nx', kind="a song")
    assert remarks.read(text).words == ('{0} "is the name of"\nx', "a song")


def test_other_sentences_have_no_code() -> None:
    assert remarks.read("A {strange} remark.") == remarks.Remark(
        RemarkCode.OTHER, "A {strange} remark.", ("A {strange} remark.",)
    )


@pytest.mark.parametrize(
    ("prompt", "controls", "code", "words"),
    [
        ("piano", {}, "NO_VOCALS", ()),
        ("something", {}, "STYLE_DEFAULT", None),
        ("jazz with accelerando", {}, "TEMPO_CONSTANT", ("accelerando",)),
        ("jazz for 3 minutes", {}, "LENGTH_IGNORED", ("10", "3 minutes")),
        ("jazz", {"key": "purple"}, "VALUE_UNKNOWN", ("key", "purple")),
        ("very bright jazz", {}, "SOUND", None),
    ],
)
def test_the_remarks_of_a_reading_have_codes(
    prompt: str, controls: Mapping[str, str], code: str, words: tuple[str, ...] | None
) -> None:
    request = RenderRequest(prompt, 10, 1, instrumental=False, controls=Controls(**controls))  # type: ignore[arg-type]
    found = {remark.code.name: remark.words for remark in map(remarks.read, explanation.explain(request).notes)}
    assert code in found, found
    assert words is None or found[code] == words


def test_the_page_translates_every_code() -> None:
    texts = (PROJECT / "web" / "texts" / "remarks.de.js").read_text(encoding="utf-8")
    translated = dict(re.findall(r'^  ([A-Z_]+): "(.+)",$', texts, re.MULTILINE))
    assert translated.keys() == {code.name for code in RemarkCode} - {"OTHER"}
    for name, text in translated.items():
        places = {f"{{{number}}}" for number in range(len(re.findall(r"\{\w+\}", RemarkCode[name])))}
        assert set(re.findall(r"\{\d\}", text)) <= places
