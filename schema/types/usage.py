"""What is spent, and the caps."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self

import strawberry

from core.spend_windows import Window
from resolvers.organizations import spending
from resolvers.organizations.spending import Usage as UsageFacts
from schema.runtime.context import Info
from schema.types.errors import ForbiddenError, InvalidInputError, UnavailableError
from storage import tables


@strawberry.type(description="What one engine's tracks cost in a window.")
class EngineUsage:
    """From Spent."""

    engine: str = strawberry.field(description="Key of the engine.")
    track_count: int = strawberry.field(description="How many tracks it made for you.")
    cost_chf: Decimal = strawberry.field(description="What they cost, in CHF.")


@strawberry.type(description="Spending in a window of time.")
class Usage:
    """From the facts of one window."""

    window: Window = strawberry.field(description="Which window.")
    starts_at: datetime = strawberry.field(description="When it began, in UTC.")
    cost_chf: Decimal = strawberry.field(description="What you spent in it, in CHF.")
    limit_chf: Decimal | None = strawberry.field(description="The organization's cap, in CHF; null for none.")
    by_engine: list[EngineUsage] = strawberry.field(description="The same, engine by engine.")

    @classmethod
    def from_usage(cls, facts: UsageFacts) -> Self:
        """The facts as a type."""
        return cls(
            window=facts.window,
            starts_at=facts.starts_at,
            cost_chf=facts.cost_chf,
            limit_chf=facts.limit_chf,
            by_engine=[
                EngineUsage(engine=spent.engine, track_count=spent.track_count, cost_chf=spent.cost_chf)
                for spent in facts.by_engine
            ],
        )


@strawberry.type(description="What the files of an organization take.")
class StorageUsage:
    """From the count that the database keeps."""

    bytes: float = strawberry.field(
        description="All of its members' files together, in bytes: a whole number, larger than an Int may be. What "
        "several tracks share counts once; what was deleted counts until it leaves the disk."
    )
    files: float = strawberry.field(description="How many files those are: a whole number.")

    @classmethod
    def from_row(cls, row: tables.StorageUsage) -> Self:
        """The row as a type."""
        return cls(bytes=float(row.size_bytes), files=float(row.file_count))


@strawberry.input(description="A cap on an organization's spending.")
class SetSpendLimitInput:
    """Decoded into the arguments of spending.limit."""

    organization_id: strawberry.ID = strawberry.field(description="Whose spending.")
    window: Window = strawberry.field(description="In which window.")
    limit_chf: Decimal | None = strawberry.field(default=None, description="The cap, in CHF; null lifts it.")


@strawberry.type(description="The cap is set.")
class SetSpendLimitPayload:
    """Success of setSpendLimit."""

    usage: list[Usage] = strawberry.field(description="Day, week and month as they stand now.")


SetSpendLimitResult = Annotated[
    SetSpendLimitPayload | InvalidInputError | ForbiddenError | UnavailableError,
    strawberry.union("SetSpendLimitResult", description="What setSpendLimit answers."),
]


@strawberry.type
class UsageMutations:
    """Mixed into Mutation."""

    @strawberry.mutation(description="Set or lift a cap; for admins of the organization.")
    async def set_spend_limit(
        self,
        info: Info,
        input: Annotated[SetSpendLimitInput, strawberry.argument(description="The cap.")],  # noqa: A002
    ) -> SetSpendLimitResult:
        """See spending.limit."""
        ctx = info.context.ctx
        await spending.limit(ctx, input.organization_id, input.window, input.limit_chf)
        return SetSpendLimitPayload(
            usage=[Usage.from_usage(usage) for usage in await spending.windows(ctx, input.organization_id)]
        )
