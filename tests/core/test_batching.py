"""Batching of concurrent lookups."""

import asyncio

import pytest

from core.batching import Batcher, FairBatcher, GroupedBatcher


async def test_lookups_during_a_batch_share_the_next_batch() -> None:
    batches: list[list[int]] = []
    begun, gate = asyncio.Event(), asyncio.Event()

    async def double(numbers: list[int]) -> list[int]:
        batches.append(numbers)
        begun.set()
        await gate.wait()
        return [2 * number for number in numbers]

    batcher = Batcher(double)
    first = asyncio.create_task(batcher.load(1))
    await begun.wait()
    others = [asyncio.create_task(batcher.load(number)) for number in (2, 3, 2)]
    await asyncio.sleep(0)
    gate.set()
    assert await first == 2
    assert await asyncio.gather(*others) == [4, 6, 4]
    assert batches == [[1], [2, 3, 2]]


async def test_a_batch_does_not_exceed_the_maximum_size() -> None:
    sizes: list[int] = []

    async def same(numbers: list[int]) -> list[int]:
        sizes.append(len(numbers))
        return numbers

    batcher = Batcher(same, max_size=4)
    assert await asyncio.gather(*map(batcher.load, range(10))) == list(range(10))
    assert sizes == [4, 4, 2]


async def test_several_batches_may_be_in_flight_and_later_lookups_share_the_next_one() -> None:
    batches: list[list[int]] = []
    begun, gate = asyncio.Semaphore(0), asyncio.Event()

    async def same(numbers: list[int]) -> list[int]:
        batches.append(numbers)
        begun.release()
        await gate.wait()
        return numbers

    batcher = Batcher(same, max_batches=2)
    lookups = []
    for number in range(5):
        lookups.append(asyncio.create_task(batcher.load(number)))
        if number < 2:
            await begun.acquire()
    assert batches == [[0], [1]]
    gate.set()
    assert await asyncio.gather(*lookups) == [0, 1, 2, 3, 4]
    assert batches == [[0], [1], [2, 3, 4]]
    assert batcher.is_idle


async def test_a_lookup_at_the_end_of_a_batch_is_not_lost() -> None:
    async def same(numbers: list[int]) -> list[int]:
        return numbers

    async def load_twice() -> list[int]:
        return [await batcher.load(1), await batcher.load(2)]

    batcher = Batcher(same)
    async with asyncio.timeout(10):
        assert await load_twice() == [1, 2]


async def test_an_error_is_raised_in_every_caller_of_the_batch_but_not_in_later_ones() -> None:
    is_broken = True

    async def fragile(numbers: list[int]) -> list[int]:
        if is_broken:
            raise ConnectionError("unreachable")
        return numbers

    batcher = Batcher(fragile)
    failures = await asyncio.gather(*map(batcher.load, range(3)), return_exceptions=True)
    assert [type(failure) for failure in failures] == [ConnectionError] * 3
    is_broken = False
    assert await batcher.load(7) == 7


async def test_finish_waits_for_a_batch_whose_caller_was_cancelled() -> None:
    begun, gate, loaded = asyncio.Event(), asyncio.Event(), list[int]()

    async def load(numbers: list[int]) -> list[int]:
        begun.set()
        await gate.wait()
        loaded.extend(numbers)
        return numbers

    batcher = Batcher(load)
    await batcher.finish()
    caller = asyncio.create_task(batcher.load(1))
    await begun.wait()
    caller.cancel()
    finished = asyncio.create_task(batcher.finish())
    await asyncio.wait([caller])
    assert not finished.done()
    gate.set()
    await finished
    assert loaded == [1]


async def test_cancelling_a_caller_does_not_affect_the_others() -> None:
    gate = asyncio.Event()

    async def same(numbers: list[int]) -> list[int]:
        await gate.wait()
        return numbers

    batcher = Batcher(same)
    first, cancelled = asyncio.create_task(batcher.load(1)), asyncio.create_task(batcher.load(2))
    await asyncio.sleep(0)
    cancelled.cancel()
    gate.set()
    assert await first == 1
    with pytest.raises(asyncio.CancelledError):
        await cancelled


async def test_a_slow_group_delays_no_other_group() -> None:
    batches: list[list[str]] = []
    gate = asyncio.Event()

    async def upper(words: list[str]) -> list[str]:
        batches.append(words)
        if words == ["slow"]:
            await gate.wait()
        return [word.upper() for word in words]

    batcher = GroupedBatcher(upper, max_size=2)
    slow = asyncio.create_task(batcher.load(1, "slow"))
    await asyncio.sleep(0)
    behind = [asyncio.create_task(batcher.load(1, word)) for word in ("a", "b", "c")]
    assert await batcher.load(2, "other") == "OTHER"
    gate.set()
    assert await asyncio.gather(slow, *behind) == ["SLOW", "A", "B", "C"]
    assert batches == [["slow"], ["other"], ["a", "b"], ["c"]]


async def test_an_error_of_a_group_is_raised_in_its_callers_only() -> None:
    async def fragile(numbers: list[int]) -> list[int]:
        if 0 in numbers:
            raise ConnectionError("unreachable")
        return numbers

    batcher = GroupedBatcher(fragile, max_size=9)
    results = await asyncio.gather(*(batcher.load(n % 2, n) for n in range(4)), return_exceptions=True)
    assert [result if isinstance(result, int) else type(result) for result in results] == [
        ConnectionError,
        1,
        ConnectionError,
        3,
    ]
    assert await batcher.load(0, 2) == 2


class Doubling:
    """Double numbers by a fair batcher, and record the batches. Groups in ``apart`` are loaded alone."""

    def __init__(self) -> None:
        self.batches: list[list[list[int]]] = []
        self.apart: list[list[int]] = []
        self.begun, self.gate = asyncio.Event(), asyncio.Event()
        self.batcher = FairBatcher(self.load_many, self.load_group, max_groups=2, max_size=2)

    async def load_many(self, groups: list[list[int]]) -> list[list[int] | None]:
        self.batches.append(groups)
        if [0] in groups:
            raise ConnectionError("unreachable")
        return [None if 9 in numbers else [2 * number for number in numbers] for numbers in groups]

    async def load_group(self, numbers: list[int]) -> list[int]:
        self.apart.append(numbers)
        self.begun.set()
        await self.gate.wait()
        if len(numbers) > 1:
            raise ValueError("one at a time")
        return [3 * number for number in numbers]


async def test_each_group_has_a_bounded_share_of_a_batch() -> None:
    doubling = Doubling()
    calls = [("a", 1), ("a", 2), ("a", 3), ("b", 4), ("c", 5), ("a", 6)]
    assert await asyncio.gather(*(doubling.batcher.load(*call) for call in calls)) == [2, 4, 6, 8, 10, 12]
    assert doubling.batches == [[[1, 2], [4]], [[5], [3, 6]]]


async def test_a_group_that_is_loaded_alone_delays_no_other() -> None:
    doubling = Doubling()
    alone = asyncio.create_task(doubling.batcher.load("a", 9))
    await doubling.begun.wait()
    behind = asyncio.create_task(doubling.batcher.load("a", 1))
    assert await asyncio.gather(*(doubling.batcher.load("b", number) for number in (2, 3))) == [4, 6]
    assert not behind.done()
    doubling.gate.set()
    assert await alone == 27
    assert await behind == 2
    assert doubling.batches == [[[9]], [[2, 3]], [[1]]]
    assert doubling.apart == [[9]]


async def test_errors_of_a_fair_batcher_are_raised_in_the_callers_of_the_batch() -> None:
    doubling = Doubling()
    doubling.gate.set()
    calls = [("a", 0), ("b", 1)]
    failures = await asyncio.gather(*(doubling.batcher.load(*call) for call in calls), return_exceptions=True)
    assert [type(failure) for failure in failures] == [ConnectionError] * 2
    calls = [("a", 9), ("a", 1), ("b", 2)]
    results = await asyncio.gather(*(doubling.batcher.load(*call) for call in calls), return_exceptions=True)
    assert [result if isinstance(result, int) else type(result) for result in results] == [ValueError, ValueError, 4]
    assert await doubling.batcher.load("a", 3) == 6
