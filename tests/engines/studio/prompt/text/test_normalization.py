# ruff: noqa: RUF001 (letters of other scripts are the subject)

import pytest

from engines.studio.prompt.text.normalization import normalize, unify_letters


@pytest.mark.parametrize(
    ("written", "equal"),
    [
        ("Flöte", "flote"),
        ("Й", "й"),
        ("ガット", "ガット"),
        ("مُوسِيقَى", "موسيقي"),
        ("بيانـــو", "بيانو"),
        ("البيانو", "بيانو"),
        ("أورغ", "اورغ"),
        ("هادئة", "هاديه"),
        ("گيتار", "غيتار"),
        ("फ़ंक", "फंक"),
        ("हिन्दी", "हिंदी"),
        ("बाँसुरी", "बांसुरी"),
    ],
)
def test_spelling_variants_of_a_word_are_equal(written: str, equal: str) -> None:
    assert normalize(written) == normalize(equal)


@pytest.mark.parametrize(
    ("word", "other"),
    [("が", "か"), ("バス", "ハス"), ("धुन", "धन"), ("ताल", "तल"), ("가", "각"), ("آلة", "ة"), ("نار", "نارة")],
)
def test_different_words_stay_different(word: str, other: str) -> None:
    assert normalize(word) != normalize(other)


@pytest.mark.parametrize(
    ("written", "unified"),
    [
        ("１２８ＢＰＭ", "128BPM"),
        ("٩٠ نبضة", "90 نبضة"),
        ("۹۰", "90"),
        ("१२०", "120"),
        ("ﾋﾟｱﾉ", "ピアノ"),
        ("ジャンル：ジャズ。", "ジャンル:ジャズ. "),
        ("هادئ،حزين؛", "هادئ, حزين; "),
        ("शांत।", "शांत. "),
        ("【サビ】", "[サビ]"),
        ("\u200fبيانو\u200e", "بيانو"),
        ("90〜100", "90~100"),
    ],
)
def test_digits_and_punctuation_have_one_form(written: str, unified: str) -> None:
    assert unify_letters(written) == unified
