"""Publish changes to the activity feed of a user in an organization."""

from core import activity
from core.activity import ActivityKind
from resolvers.access.context import Context


async def publish(ctx: Context, organization_id: str, kind: ActivityKind, subject_id: str) -> None:
    """Append a committed change to the caller's feed."""
    feed = activity.feed_name(organization_id, ctx.caller.user_id)
    await ctx.services.feed.append_to_feed(feed, {"kind": kind.value, "id": subject_id})
