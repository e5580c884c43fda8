from pathlib import Path

import pytest

from benchmarks.music import opposites
from benchmarks.music.opposites import Cases, Pair, Result
from benchmarks.music.prompt_measures import MEASURES
from benchmarks.music.prompts import Prompt

PAIR = Pair("tone", "bright techno", "dark techno", "centroid")


def result(centroid: float, **changes: object) -> Result:
    facts = {"tempo_bpm": 120.0, "key": "A minor", "style": "Techno"}
    found: Result = {
        "facts": facts,
        "tempo": 120.0,
        "report_key": "A minor",
        "stems_dbfs": {"drums": -20.0},
        "parts": ["909 kit"],
        "measures": {"centroid": centroid},
    }
    return found | changes


def test_the_cases_are_forty_pairs_or_more_with_known_measures() -> None:
    cases = opposites.load()
    assert len(cases.pairs) >= 40
    assert {pair.measure for pair in cases.pairs} <= MEASURES.keys()
    assert all(pair.more != pair.less for pair in cases.pairs)
    assert {"tone", "space", "dynamics", "density", "structure", "tempo", "mode", "register", "moods"} <= {
        pair.kind for pair in cases.pairs
    }
    assert len(cases.prompts) == len(set(cases.prompts))


def test_an_unknown_measure_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "cases.toml"
    file.write_text('pair = [{ kind = "tone", more = "a", less = "b", measure = "colour" }]')
    with pytest.raises(ValueError, match="colour"):
        opposites.load(file)


def test_the_share_of_inequalities_is_tabulated() -> None:
    results = {
        ("bright techno", 1): result(2000.0), ("dark techno", 1): result(900.0),
        ("bright techno", 2): result(800.0), ("dark techno", 2): result(900.0),
    }  # fmt: skip
    table = opposites.pair_table(Cases((), (PAIR,)), results, (1, 2))
    failure = '"bright techno" 800 ≤ "dark techno" 900 (centroid, seed 2)'
    assert table.rows == (("tone", "1 of 2", "50 %", failure), ("all", "1 of 2", "50 %", ""))


def test_requirements_are_checked_by_tempo_key_and_stem() -> None:
    request = Prompt("", "techno, 120 bpm, A minor, no bass", 120.0, "A minor", ("drums",), ("bass",))
    results = {(request.text, 1): result(0.0, tempo=123.0, report_key="A dorian")}
    rows = list(opposites.request_rows(Cases((request,), ()), results, (1,)))
    assert [(kind, is_met) for kind, is_met, _ in rows] == [
        ("tempo", False), ("key", True), ("with", True), ("without", True), ("one", False)
    ]  # fmt: skip
