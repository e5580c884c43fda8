"""Spending, spend caps and storage usage of an organization."""

from datetime import datetime
from decimal import Decimal

import strawberry

from core.spend_windows import Window
from resolvers.generations import quotes
from resolvers.organizations import spending
from schema.limits.field_costs import ListSize
from schema.runtime.context import Info
from schema.runtime.row_types import RowBacked, row_backed
from schema.types.capabilities import FIELDS, FieldSupport
from schema.types.errors import ForbiddenError, InvalidInputError
from schema.types.mutations import Input, mutation
from storage import tables
from storage.queries.spending import Spending


@row_backed()
@strawberry.type(description="Spending on the tracks of one engine.")
class EngineUsage(RowBacked[Spending]):
    engine: str = strawberry.field(description="The key of the engine.")
    track_count: int = strawberry.field(description="The number of tracks.")
    cost_chf: Decimal = strawberry.field(description="The amount, in CHF.")


@row_backed(by_engine=lambda usage: [EngineUsage.from_row(each) for each in usage.row.by_engine])
@strawberry.type(description="Spending in a window: yours, or that of all members.")
class Usage(RowBacked[spending.Usage]):
    window: Window = strawberry.field(description="The window.")
    starts_at: datetime = strawberry.field(description="The start of the window, in UTC.")
    resets_at: datetime = strawberry.field(description="The end of the window, at which spending starts from 0 again.")
    cost_chf: Decimal = strawberry.field(description="The amount spent in the window, in CHF.")
    committed_chf: Decimal = strawberry.field(
        description="The amount that counts towards the spend cap: what all members spent, and the costs reserved for "
        "their unfinished jobs, in CHF."
    )
    limit_chf: Decimal | None = strawberry.field(description="The organization's spend cap in CHF, or null for none.")
    by_engine: list[EngineUsage] = strawberry.field(
        directives=[ListSize(assumed_size=10)], description="The spending by engine."
    )


@row_backed(
    exceeded_cap=lambda quote: Usage.from_optional(quote.row.exceeded),
    field_support=lambda quote: FieldSupport.from_rows(quote.row.field_support),
)
@strawberry.type(description="The price of a track before it is requested. Nothing is reserved.")
class Quote(RowBacked[quotes.Quote]):
    engine: str = strawberry.field(description="The key of the engine.")
    duration_seconds: int = strawberry.field(description="The duration, in seconds.")
    cost_chf: Decimal = strawberry.field(description="The price, in CHF. Charged only if the generation succeeds.")
    exceeded_cap: Usage | None = strawberry.field(
        description="Your spending in the first window whose spend cap the price would exceed, or null if it fits."
    )
    field_support: list[FieldSupport] = strawberry.field(
        directives=FIELDS,
        description="What the engine does with each field of the `request`. Empty if the quote is only for a duration.",
    )


@row_backed(bytes=lambda usage: float(usage.row.size_bytes), files=lambda usage: float(usage.row.file_count))
@strawberry.type(description="The storage used by an organization.")
class StorageUsage(RowBacked[tables.StorageUsage]):
    bytes: float = strawberry.field(
        description="The size of all files of all members in bytes, an integer that may exceed the range of Int. "
        "Content shared by several tracks counts once. Deleted files count until they are removed from disk."
    )
    files: float = strawberry.field(description="The number of these files, an integer.")


@strawberry.input(description="The parameters of `setSpendLimit`.")
class SetSpendLimitInput:
    organization_id: strawberry.ID = strawberry.field(description="The ID of the organization.")
    window: Window = strawberry.field(description="The window.")
    limit_chf: Decimal | None = strawberry.field(default=None, description="The spend cap, in CHF. Null removes it.")


@strawberry.type(description="The spend cap was set or removed.")
class SetSpendLimitPayload:
    usage: list[Usage] = strawberry.field(
        directives=[ListSize(assumed_size=3)], description="The spending and caps of the current day, week and month."
    )


@strawberry.type
class UsageMutations:
    @mutation("Set or remove an organization's spend cap. Requires the admin role.", InvalidInputError | ForbiddenError)
    async def set_spend_limit(self, info: Info, input: Input[SetSpendLimitInput]) -> SetSpendLimitPayload:
        ctx = info.context.ctx
        await spending.set_limit(ctx, input.organization_id, input.window, input.limit_chf)
        usage = await spending.list_usage(ctx, input.organization_id)
        return SetSpendLimitPayload(usage=[Usage.from_row(each) for each in usage])
