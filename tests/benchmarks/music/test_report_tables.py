from pathlib import Path

import pytest

from benchmarks.music import __main__ as command
from benchmarks.music import adherence, markdown_page, measurements, prompts, report_tables, runs
from benchmarks.music.measurements import Job, Report
from benchmarks.music.metrics.technical_checks import CHECKS
from benchmarks.music.prompts import Prompt
from benchmarks.music.reference_ranges import EXEMPTIONS, RANGES
from engines.studio.styles import STYLES

GOOD = {"loudness": -14.0, "true_peak": -1.5, "ending": 60.0, "correlation": 0.5, "bass_correlation": 0.9}


def report(**changes: object) -> Report:
    metrics = dict.fromkeys((*CHECKS, "flux"), 0.0) | GOOD
    metrics |= {name: (one.inner_low + one.inner_high) / 2 for name, one in RANGES.items()}
    made: Report = {
        "prompt": "x",
        "seconds": 60.0,
        "metrics": metrics,
        "symbols": {"velocity_spread": 9.0},
        "ends_at_home": True,
        "facts": {"style": "Techno", "tempo_bpm": 130.0, "key": "E minor"},
        "parts": ["Flute", "909 kit"],
        "stems_dbfs": {"drums": -20.0, "melody": -70.0},
        "cpu_seconds": {"render": 4.0, "mp3": 2.0},
        "peak_megabytes": 300.0,
        "motifs": ["a", "b"],
        "pcm_sha256": "0",
    }
    return made | changes


def test_the_prompts_are_two_for_each_style_and_six_pairs() -> None:
    listed = prompts.load()
    plain = [prompt.style for prompt in listed if prompt.pair is None]
    assert {plain.count(style) for style in plain} == {2}
    assert len({prompt.text for prompt in listed}) == len(plain) + 12
    assert set(plain) == {style.name for style in STYLES.values()}
    poles = {(prompt.pair, prompt.pole) for prompt in listed if prompt.pair}
    assert len(poles) == 12


def test_every_style_is_rendered_once_before_any_is_repeated() -> None:
    order = [job.prompt.style for job in runs.jobs(prompts.load(), 2, 60.0)]
    assert len(order) == 2 * (2 * len(STYLES) + 12)
    assert set(order[: len(STYLES)]) == {style.name for style in STYLES.values()}


def test_every_range_contains_its_middle_half() -> None:
    assert len(RANGES) == 22
    assert all(one.low <= one.inner_low <= one.inner_high <= one.high for one in RANGES.values())


def test_a_report_counts_metrics_in_range_and_failed_checks() -> None:
    good = report()
    assert measurements.share_in_range(good) == 1.0
    assert measurements.share_in_middle_half(good) == 1.0
    assert measurements.failed_checks(good) == []
    bad = report(metrics=good["metrics"] | {"loudness": -15.5, "onsets": 9.0})
    assert measurements.share_in_range(bad) == 21 / 22
    assert measurements.failed_checks(bad) == ["loudness"]


def test_an_exemption_allows_a_style_to_leave_a_range_on_one_side() -> None:
    good = report()["metrics"]
    facts = report()["facts"] | {"style": "Drone"}
    still = report(metrics=good | {"onsets": 0.1, "pulse": 0.05}, facts=facts)
    assert measurements.share_in_range(still) == 1.0
    assert measurements.share_in_all_ranges(still) == 20 / 22
    busy = report(metrics=good | {"onsets": 9.0, "pulse": 0.05}, facts=facts)
    assert measurements.share_in_range(busy) == 20 / 21
    assert measurements.share_in_range(report(metrics=good | {"onsets": 0.1})) == 21 / 22


def test_exemptions_refer_to_known_styles_and_ranges() -> None:
    assert set(EXEMPTIONS) <= {style.name for style in STYLES.values()}
    assert all(set(table) <= set(RANGES) for table in EXEMPTIONS.values())


def test_adherence_checks_tempo_key_stems_and_parts() -> None:
    prompt = Prompt("Techno", "x", 130.0, "E minor", ("drums", "Flute"), ("melody", "bass", "909 kit"))
    assert adherence.check_prompt(prompt, report()) == {
        "tempo 130": True,
        "key E minor": True,
        "with drums": True,
        "with Flute": True,
        "without melody": True,
        "without bass": True,
        "without 909 kit": False,
    }
    enharmonic = Prompt("Techno", "x", key="D# minor")
    enharmonic_report = report(facts={"style": "Techno", "tempo_bpm": 130.0, "key": "Eb minor"})
    assert adherence.check_prompt(enharmonic, enharmonic_report) == {"key D# minor": True}


def test_opposite_prompts_that_do_not_differ_are_bold() -> None:
    calm, wild = (Prompt("Techno", pole, pair="techno", pole=pole) for pole in ("calm", "energetic"))
    busy = report()["metrics"] | {"onsets": 5.0, "flux": 1.0, "centroid": 900.0}
    table = adherence.contrast_table({calm: [report()], wild: [report(metrics=busy)]})
    assert table.rows == (("techno", "4.00 < 5.00", "0.00 < 1.00", "**1845 ≥ 900**"),)


def test_tables_are_markdown() -> None:
    table = report_tables.summary_table({"Techno": [report()]})
    assert "| metrics inside 5-95 %, median over renders | 100 % |" in table.markdown().splitlines()


@pytest.mark.parametrize(
    "make", [report_tables.style_table, report_tables.range_table, report_tables.check_table, report_tables.score_table]
)
def test_every_row_of_a_table_has_all_columns(make: object) -> None:
    assert callable(make)
    table = make({"Techno": [report(), report()]})
    assert {len(row) for row in table.rows} == {len(table.columns)}


def test_a_report_is_saved_and_loaded_for_the_same_version(tmp_path: Path) -> None:
    job = Job(Prompt("Techno", "techno, 132 bpm", 132.0, present=("drums",)), 1, 8.0)
    assert measurements.load_report(job, tmp_path, "abc") is None
    made = measurements.create_report(job, tmp_path, "abc")
    assert measurements.load_report(job, tmp_path, "abc") == made
    assert measurements.load_report(job, tmp_path, "abd") is None
    assert {*RANGES, *CHECKS} <= set(made["metrics"])
    assert measurements.failed_checks(made) == []
    assert all(adherence.check_prompt(job.prompt, made).values())


def test_the_command_fails_without_renders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["report", "--folder", str(tmp_path)]) == 1
    assert capsys.readouterr().out == "Nothing was rendered.\n"


def test_only_the_text_between_the_marks_of_a_page_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{markdown_page.BEGIN}\nold\n{markdown_page.END}\nafter\n")
    for _ in range(2):
        markdown_page.replace_measured(page, ["new"])
        assert page.read_text() == f"before\n{markdown_page.BEGIN}\n\nnew\n{markdown_page.END}\nafter\n"


def test_a_page_without_marks_raises_and_stays_unchanged(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("plain")
    with pytest.raises(ValueError, match="does not contain the markers"):
        markdown_page.replace_measured(page, ["new"])
    assert page.read_text() == "plain"
