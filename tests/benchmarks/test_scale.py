"""The tables of docs/operations/scale.md match their script, and its queue matches queueing theory."""

import numpy as np
import pytest

from benchmarks.scale import capacity_tables, queueing
from core.settings import PROJECT


def test_the_tables_of_the_page_match_the_script() -> None:
    page = (PROJECT / "docs" / "operations" / "scale.md").read_text(encoding="utf-8")
    assert "\n".join(capacity_tables.format_tables()) in page


@pytest.mark.parametrize("busy", [0.3, 0.6, 0.8])
def test_the_mean_wait_matches_the_pollaczek_khinchine_formula(busy: float) -> None:
    cost, rate = 2.0, busy * 500
    square = cost**2 * np.exp(queueing.SERVICE_TIME_SIGMA**2)
    expected = rate / 1000 * square / (2 * (1 - busy))
    assert queueing.simulate_waits({"work": rate}, {"work": cost}, 1).mean() == pytest.approx(expected, rel=0.06)


def test_required_processors_grow_with_utilization_and_shorter_waits() -> None:
    rates, costs = {"work": 1000.0}, {"work": 3.0}
    assert queueing.required_processors(rates, costs, 0.6, 1000) == 5
    assert queueing.required_processors(rates, costs, 0.6, 5) > 5
    assert queueing.utilization(rates, costs, 5) == pytest.approx(0.6)
