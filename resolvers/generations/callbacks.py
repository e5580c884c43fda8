"""The callback of a generation: a URL that receives its end, under the rules of webhooks."""

from collections.abc import Mapping
from typing import Final

from core.errors import Problem
from resolvers.access.context import Context
from resolvers.organizations import webhook_urls

_FIELD: Final = "callback_url"


async def find_problems(ctx: Context, fields: Mapping[str, object]) -> list[Problem]:
    """Return what is wrong with the callback URL of a request, if it has one."""
    url, allowed_hosts = fields.get(_FIELD), ctx.services.settings.webhooks.allowed_hosts
    if isinstance(url, str):
        return await webhook_urls.find_problems(url.strip(), allowed_hosts, (_FIELD,))
    if fields.get("callback_secret") is not None:
        return [Problem((_FIELD,), "Is required with callback_secret.")]
    return []
