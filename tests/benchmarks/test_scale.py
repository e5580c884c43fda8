"""The page on scale says what its script says, and the script's queue is one."""

import numpy as np
import pytest

from benchmarks.scale import capacity_tables, queueing
from core.settings import PROJECT


def test_the_tables_of_the_page_are_those_of_the_script() -> None:
    page = (PROJECT / "docs" / "operations" / "scale.md").read_text(encoding="utf-8")
    assert "\n".join(capacity_tables.format_tables()) in page


@pytest.mark.parametrize("busy", [0.3, 0.6, 0.8])
def test_the_mean_wait_is_what_pollaczek_and_khinchine_say(busy: float) -> None:
    cost, rate = 2.0, busy * 500
    square = cost**2 * np.exp(queueing.SERVICE_TIME_SIGMA**2)
    expected = rate / 1000 * square / (2 * (1 - busy))
    assert queueing.simulate_waits({"work": rate}, {"work": cost}, 1).mean() == pytest.approx(expected, rel=0.06)


def test_a_queue_gets_as_many_processors_as_patience_and_peaks_ask_for() -> None:
    rates, costs = {"work": 1000.0}, {"work": 3.0}
    assert queueing.required_processors(rates, costs, 0.6, 1000) == 5
    assert queueing.required_processors(rates, costs, 0.6, 5) > 5
    assert queueing.utilization(rates, costs, 5) == pytest.approx(0.6)
