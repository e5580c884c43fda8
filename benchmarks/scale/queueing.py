"""A queue before one processor: who comes at random waits for those before it. Simulated, with a seed."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

SERVICE_TIME_SIGMA: Final = 0.5

_CUSTOMERS: Final = 200_000
_WARM: Final = 20_000
_SEED: Final = 20_261_125


def simulate_waits(rates: Mapping[str, float], costs: Mapping[str, float], share: int) -> NDArray[np.float64]:
    """What each of many waits, in ms, when works come at these rates (a second) to ``share`` equal processors.

    Arrivals are Poisson; which work it is, is drawn by the rates; a work takes its mean, scattered by half (lognormal).
    Waiting follows Lindley's recursion, in its closed form: the walk of service minus gaps, over its lowest point.
    """
    draw = np.random.default_rng(_SEED)
    names = [name for name in rates if rates[name] > 0 and costs[name] > 0]
    weights = np.array([rates[name] for name in names]) / share
    means = np.array([costs[name] for name in names])
    kinds = draw.choice(len(names), size=_CUSTOMERS, p=weights / weights.sum())
    service = means[kinds] * draw.lognormal(-(SERVICE_TIME_SIGMA**2) / 2, SERVICE_TIME_SIGMA, _CUSTOMERS)
    gaps = draw.exponential(1000 / weights.sum(), _CUSTOMERS)
    walk = np.concatenate([[0.0], np.cumsum(service[:-1] - gaps[1:])])
    return (walk - np.minimum.accumulate(walk))[_WARM:]


def wait_ms(rates: Mapping[str, float], costs: Mapping[str, float], share: int) -> float:
    """What one in a hundred waits, in ms."""
    return float(np.percentile(simulate_waits(rates, costs, share), 99))


def utilization(rates: Mapping[str, float], costs: Mapping[str, float], share: int) -> float:
    """How much of each of ``share`` processors is used; over 1, the queue grows for ever."""
    return sum(rates[name] * costs[name] for name in rates) / 1000 / share


def required_processors(
    rates: Mapping[str, float], costs: Mapping[str, float], most_busy: float, patience_ms: float
) -> int:
    """How many processors it takes so that none is busier than this, and one in a hundred waits no longer."""
    count = max(1, int(np.ceil(utilization(rates, costs, 1) / most_busy)))
    while wait_ms(rates, costs, count) > patience_ms:
        count += 1
    return count
