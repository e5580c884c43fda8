# ruff: noqa: RUF001 (letters of other scripts are the subject)

import pytest

from engines.studio.prompt.text.segmentation import lexicon, separate_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("静かなピアノ曲", "静かな ピアノ曲"),
        ("BPM128のピアノ", "BPM128 の ピアノ"),
        ("ドラムなしのジャズ", "ドラム なし の ジャズ"),
        ("ドラムンベース", "ドラムンベース"),
        ("嬰ハ短調", "嬰 ハ 短調"),
        ("Cマイナー", "C マイナー"),
        ("ボサ・ノヴァ", "ボサノヴァ"),
        ("夜のドライブ", "夜 の ドライブ"),
        ("スカートの色", "スカート の 色"),
        ("不要鼓和贝斯", "不要 鼓 和 贝斯"),
        ("降E大调", "降 E 大调"),
        ("电子音乐", "电子音乐"),
        ("피아노와 드럼은", "피아노 와 드럼 은"),
        ("피아노만으로", "피아노 만으로"),
        ("올림다단조로", "올림 다 단조 로"),
        ("가을", "가을"),
        ("85BPM으로", "85BPM 으로"),
        ("وبالبيانو", "وب البيانو"),
        ("للعود", "لل عود"),
        ("وردة", "وردة"),
        ("85BPM की", "85BPM की"),
        ("เพลงเศร้า", "เพลงเศร้า"),
        ("quiet piano", "quiet piano"),
    ],
)
def test_words_are_separated_by_the_vocabulary(text: str, words: str) -> None:
    assert separate_words(text) == words


@pytest.mark.parametrize("unit", ["ピアノとドラム", "没有鼓", "피아노와드럼", "あア漢", "・ア", "嬰", "ولل"])
def test_the_number_of_words_grows_with_the_text(unit: str) -> None:
    short, long = (separate_words(unit * count).split(" ") for count in (50, 100))
    assert len(long) <= 2 * len(short)


def test_the_look_ups_at_each_letter_are_bounded() -> None:
    assert max(map(len, lexicon().lengths.values())) <= 24
