import numpy as np
import pytest

from engines.port import SAMPLE_RATE
from engines.studio.mixing.automation import NO_AUTOMATION, SweptFilter, choose_automation
from engines.studio.model.composition import LAST_CHORD, Section, consecutive_sections
from engines.studio.model.form_request import SectionRequest

ROWS = [("intro", "A", 0.3, 16.0), ("verse", "A", 0.6, 16.0), ("breakdown", "A", 0.3, 16.0), ("drop", "B", 0.9, 16.0),
        ("outro", "A", 0.4, 8.0), (LAST_CHORD, "A", 0.4, 4.0)]  # fmt: skip


def points(style: str, sections: tuple[Section, ...], seed: int) -> list[tuple[float, float]]:
    return list(choose_automation(style, sections, lambda beat: beat, seed).points)


def test_a_filter_opens_in_intros_sinks_in_breakdowns_and_closes_in_outros() -> None:
    found = [points("house", consecutive_sections(ROWS), seed) for seed in range(20)]
    intros = [one for one in found if (0.0, one[0][1]) == one[0] and one[0][1] > 0.0]
    assert 0 < len(intros) < len(found)
    assert all((16.0, 0.0) in one for one in intros)
    assert all(dict(one)[36.0] > 0.0 for one in found if 36.0 in dict(one))
    assert all(one[-1][0] == 72.0 and one[-1][1] > 0.0 for one in found if (64.0, 0.0) in one[-2:])
    assert all(list(one) == sorted(one, key=lambda point: point[0]) for one in found)


def test_styles_without_automation_and_requested_sections_are_left_alone() -> None:
    plain = consecutive_sections(ROWS)
    assert choose_automation("jazz", plain, lambda beat: beat, 1) == NO_AUTOMATION
    requested = consecutive_sections(ROWS, requests=[SectionRequest(row[0]) for row in ROWS])
    assert not any(points("house", requested, seed) for seed in range(5))


def test_the_whole_beat_of_lofi_is_swept_and_the_drums_of_house_are_not() -> None:
    sections = consecutive_sections(ROWS)
    assert any(choose_automation("lofi", sections, lambda beat: beat, seed).filter_of("drums") for seed in range(5))
    assert not any(
        choose_automation("house", sections, lambda beat: beat, seed).filter_of("drums") for seed in range(5)
    )


def test_a_closed_filter_darkens_and_lowers_and_an_open_one_changes_nothing() -> None:
    axis = np.arange(1 << 17) / SAMPLE_RATE
    high = np.stack([np.sin(2 * np.pi * 8000 * axis)] * 2).astype(np.float32)
    low = np.stack([np.sin(2 * np.pi * 200 * axis)] * 2).astype(np.float32)
    curve = [(0.0, 4.0), (2.0, 0.0), (100.0, 0.0)]

    def levels(sound: np.ndarray) -> tuple[float, float]:
        swept = SweptFilter(curve)(sound)
        return float(np.abs(swept[:, 4096:8192]).max()), float(np.abs(swept[:, -8192:]).max())

    assert levels(high)[0] < 0.05
    assert levels(low)[0] == pytest.approx(10 ** (-0.8 * 3.9 / 20), abs=0.02)
    assert levels(high)[1] == pytest.approx(1.0, abs=1e-3)
    swept = SweptFilter(curve)
    swept(high)
    np.testing.assert_array_equal(swept(high), high)


def test_skipped_silence_takes_the_time_of_filtered_silence() -> None:
    noise = np.random.default_rng(4).standard_normal((2, 1 << 15)).astype(np.float32)
    filtering, skipping = (SweptFilter([(0.0, 4.0), (4.0, 0.0)]) for _ in range(2))
    filtering(np.zeros_like(noise))
    skipping.skip(noise.shape[1])
    assert np.abs(filtering(noise.copy()) - skipping(noise.copy())).max() < 1e-6
