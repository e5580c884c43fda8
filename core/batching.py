"""Questions that go together: whoever asks while an earlier question is on its way goes along with the next one."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Batcher(Generic[Asked, Answer]):
    """Asks at once for many: ``answer`` gets what they ask, and gives one answer to each, in the same order.

    No answer is older than its question, and none is kept. Who asks raises what ``answer`` raises.
    """

    def __init__(self, answer: Callable[[list[Asked]], Awaitable[list[Answer]]], most: int = 100) -> None:
        self._answer, self._most = answer, most
        self._waiting: list[tuple[Asked, asyncio.Future[Answer]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def load(self, asked: Asked) -> Answer:
        """The answer to one question."""
        turn: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, turn))
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_all())
        return await turn

    async def _ask_all(self) -> None:
        while self._waiting:
            some, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            try:
                answers = await self._answer([asked for asked, _ in some])
            except BaseException as error:
                _fail([turn for _, turn in some], error)
                if not isinstance(error, Exception):
                    raise
            else:
                for (_, turn), answer in zip(some, answers, strict=True):
                    if not turn.done():
                        turn.set_result(answer)


def _fail(turns: "list[asyncio.Future[Answer]]", error: BaseException) -> None:
    for turn in turns:
        if turn.done():
            continue
        if isinstance(error, asyncio.CancelledError):
            turn.cancel()
        else:
            turn.set_exception(error)
