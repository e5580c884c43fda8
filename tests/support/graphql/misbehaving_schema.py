"""A small schema whose resolvers fail as a script says, for both executors."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Annotated, Any, Final, Self, TypeVar

import strawberry
from graphql import GraphQLError
from strawberry.types import ExecutionContext

from schema.execution import CompiledSchema, ExecutionPolicy

Shown = TypeVar("Shown")


@strawberry.enum
class Mood(Enum):
    CALM = "calm"
    BRIGHT = "bright"


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Leaf:
    text: str
    number: int
    amount: float | None
    is_good: bool
    mood: Mood | None
    at: datetime
    price: Decimal
    words: list[str]
    notes: list[str | None] | None


@dataclass
class ScriptedContext:
    """Faults by field name, delays by field name, and the resolvers that were called."""

    script: Mapping[str, Any]
    calls: list[str] = field(default_factory=list)

    def resolve(self, name: str, default: Shown) -> Shown:
        self.calls.append(name)
        return scripted_value(self.script, name, default)

    async def resolve_later(self, name: str, default: Shown) -> Shown:
        for _ in range(self.script.get(f"{name} takes", 0)):
            await asyncio.sleep(0)
        return self.resolve(name, default)


def scripted_value(script: Mapping[str, Any], name: str, default: Shown) -> Shown:
    if name not in script:
        return default
    fault = script[name]
    if isinstance(fault, Exception):
        raise fault
    faulty: Shown = fault
    return faulty


Info = strawberry.Info[ScriptedContext, None]
NOON: Final = datetime(2026, 11, 25, 12, tzinfo=UTC)


def build_leaf(script: Mapping[str, Any]) -> Leaf:
    facts: dict[str, Any] = {
        "text": "word",
        "number": 7,
        "amount": 0.5,
        "is_good": True,
        "mood": Mood.CALM,
        "at": NOON,
        "price": Decimal("1.50"),
        "words": ["a", "b"],
        "notes": ["c", None],
    }
    return Leaf(**{name: script.get(f"leaf {name}", value) for name, value in facts.items()})


@strawberry.type
class Branch(Named):
    leaf: Leaf
    maybe_leaf: Leaf | None
    leaves: list[Leaf]
    maybe_leaves: list[Leaf | None] | None
    script: strawberry.Private[Mapping[str, Any]]

    @strawberry.field
    def sync(self, info: Info) -> str:
        return info.context.resolve("sync", "now")

    @strawberry.field
    def maybe_sync(self, info: Info, times: int = 1, mood: Mood = Mood.BRIGHT) -> str | None:
        return info.context.resolve("maybe_sync", f"{mood.value} " * times)

    @strawberry.field
    async def later(self, info: Info) -> str:
        return await info.context.resolve_later("later", "then")

    @strawberry.field
    async def maybe_later(self, info: Info, *, way: bool = False) -> str | None:
        path = "/".join(map(str, info.path.as_list())) if way else ""
        return await info.context.resolve_later("maybe_later", f"{info.field_name} {info.python_name} {path}")

    @strawberry.field
    async def branches(self, info: Info, number: int = 2) -> list["Branch"]:
        return await info.context.resolve_later("branches", [Branch.from_script(self.script) for _ in range(number)])

    @strawberry.field
    async def maybe_branches(self, info: Info) -> list["Branch | None"] | None:
        return await info.context.resolve_later("maybe_branches", [Branch.from_script(self.script), None])

    @strawberry.field
    def thing(self, info: Info, which: str = "branch") -> "Thing | None":
        default: Branch | Twig = Branch.from_script(self.script) if which == "branch" else Twig(name="twig", length=3)
        return info.context.resolve("thing", default)

    @strawberry.field
    async def named(self, info: Info) -> Named:
        return await info.context.resolve_later("named", Twig(name="other", length=4))

    @strawberry.field
    def things(self, info: Info) -> list["Thing"]:
        return info.context.resolve(
            "things", [Twig(name="one", length=1), Branch.from_script(self.script), Twig(name="2", length=2)]
        )

    @classmethod
    def from_script(cls, script: Mapping[str, Any]) -> Self:
        maybe = script.get("leaf", build_leaf(script))
        return cls(
            name=script.get("name", "branch"),
            leaf=maybe,
            maybe_leaf=maybe,
            leaves=script.get("leaves", [build_leaf(script), build_leaf({})]),
            maybe_leaves=script.get("leaves", [build_leaf({}), None, build_leaf(script)]),
            script=script,
        )


@strawberry.type
class Twig(Named):
    length: int


Thing = Annotated[Branch | Twig, strawberry.union("Thing")]


@strawberry.type
class Query:
    @strawberry.field
    def branch(self, info: Info) -> Branch:
        return info.context.resolve("branch", Branch.from_script(info.context.script))

    @strawberry.field
    async def maybe_branch(self, info: Info) -> Branch | None:
        return await info.context.resolve_later("maybe_branch", Branch.from_script(info.context.script))


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def grow(self, info: Info) -> Branch:
        return await info.context.resolve_later("grow", Branch.from_script(info.context.script))


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def grown(self, info: Info, times: int = 2) -> AsyncGenerator[Branch, None]:
        for _ in range(times):
            yield info.context.resolve("grown", Branch.from_script(info.context.script))


class _SilentSchema(CompiledSchema):
    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Do not log errors; tests compare them."""


@cache
def build_schema(*, is_compiled: bool) -> CompiledSchema:
    policy = ExecutionPolicy(
        allows=lambda *_: True, new_context=lambda context: context, format_error=lambda error: error
    )
    return _SilentSchema(
        query=Query, mutation=Mutation, subscription=Subscription, policy=policy if is_compiled else None
    )
