import pytest

from core import language_tags


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("de", "de"),
        ("DE", "de"),
        ("yue", "yue"),
        ("pt-br", "pt-BR"),
        ("ZH-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("sl-ROZAJ-biske", "sl-rozaj-biske"),
        ("de-1996", "de-1996"),
    ],
)
def test_a_tag_is_written_in_the_usual_case(text: str, tag: str) -> None:
    assert language_tags.normalize(text) == tag


@pytest.mark.parametrize(
    "text",
    ["", "d", "german", "de_DE", "de-", "-de", "de--DE", "de DE", "de-D", "dé", "x-klingon", "sl" + "-rozaj" * 9],
)
def test_other_texts_are_no_tags(text: str) -> None:
    assert language_tags.normalize(text) is None


@pytest.mark.parametrize(
    ("tag", "found"),
    [("de", "de"), ("de-AT", "de"), ("zh-Hant-TW", "zh-Hant"), ("zh-Hans", "zh"), ("fr", None), ("d", None)],
)
def test_the_longest_available_tag_is_found(tag: str, found: str | None) -> None:
    assert language_tags.look_up(tag, {"de", "zh", "zh-Hant"}) == found
