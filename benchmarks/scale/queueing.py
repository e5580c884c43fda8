"""Simulation of the waiting times in an M/G/1 queue, with a fixed seed."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

SERVICE_TIME_SIGMA: Final = 0.5

_REQUESTS: Final = 200_000
_WARM_UP: Final = 20_000
_SEED: Final = 20_261_125


def simulate_waits(rates: Mapping[str, float], costs: Mapping[str, float], processors: int) -> NDArray[np.float64]:
    """Return waiting times in ms for operations at these rates (per second), divided among equal processors.

    Arrivals are Poisson, operations are drawn by their rates, and service times are lognormal around their mean
    (sigma 0.5). Waiting times follow Lindley's recursion in its closed form: the random walk of service times minus
    interarrival times, above its minimum so far.
    """
    rng = np.random.default_rng(_SEED)
    names = [name for name in rates if rates[name] > 0 and costs[name] > 0]
    weights = np.array([rates[name] for name in names]) / processors
    means = np.array([costs[name] for name in names])
    operations = rng.choice(len(names), size=_REQUESTS, p=weights / weights.sum())
    service = means[operations] * rng.lognormal(-(SERVICE_TIME_SIGMA**2) / 2, SERVICE_TIME_SIGMA, _REQUESTS)
    interarrivals = rng.exponential(1000 / weights.sum(), _REQUESTS)
    walk = np.concatenate([[0.0], np.cumsum(service[:-1] - interarrivals[1:])])
    return (walk - np.minimum.accumulate(walk))[_WARM_UP:]


def wait_ms(rates: Mapping[str, float], costs: Mapping[str, float], processors: int) -> float:
    """Return the 99th percentile of the waiting time in ms."""
    return float(np.percentile(simulate_waits(rates, costs, processors), 99))


def utilization(rates: Mapping[str, float], costs: Mapping[str, float], processors: int) -> float:
    """Return the utilization of each processor; above 1 the queue grows without limit."""
    return sum(rates[name] * costs[name] for name in rates) / 1000 / processors


def required_processors(
    rates: Mapping[str, float], costs: Mapping[str, float], max_utilization: float, max_wait_ms: float
) -> int:
    """Return the smallest number of processors within a utilization and a 99th percentile of the waiting time."""
    count = max(1, int(np.ceil(utilization(rates, costs, 1) / max_utilization)))
    while wait_ms(rates, costs, count) > max_wait_ms:
        count += 1
    return count
