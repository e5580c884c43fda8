"""The caller, the engines, and spending."""

from decimal import Decimal

from music_studio_client._async.resources import Resource, existing
from music_studio_client.errors import payload_of
from music_studio_client.graphql.input_types import ExplainPromptInput, SetSpendLimitInput
from music_studio_client.graphql.list_engines import ListEnginesOrganization
from music_studio_client.graphql.list_styles import ListStylesOrganization, ListStylesOrganizationEngines
from music_studio_client.graphql.set_spend_limit import SetSpendLimitResultSetSpendLimitPayload
from music_studio_client.models import Engine, EngineStyle, Quote, Usage, UsageReport, UsageWindow, Viewer


class Account(Resource):
    """You and your organization."""

    async def viewer(self) -> Viewer:
        """Return the caller and the organizations it belongs to."""
        return await self.operations.get_viewer()

    async def engines(self) -> "list[Engine]":
        """Return the engines with their limits, prices and licences."""
        organization_id = await self.organization.id()
        found = await self.operations.list_engines(organization_id)
        return existing(found, ListEnginesOrganization, f"organization {organization_id}").engines

    async def styles(self, engine: str | None = None) -> "list[EngineStyle]":
        """Return the styles that requests to an engine can name, by default the default one. Raises NotFoundError."""
        organization_id = await self.organization.id()
        found = await self.operations.list_styles(organization_id)
        engines = existing(found, ListStylesOrganization, f"organization {organization_id}").engines
        chosen = next((each for each in engines if engine in {None, each.key}), None)
        return existing(chosen, ListStylesOrganizationEngines, f"engine {engine}").styles

    async def quote(
        self, duration_seconds: int, *, engine: str | None = None, request: ExplainPromptInput | None = None
    ) -> Quote:
        """Return the price of a track; `exceeded_cap` is set if it does not fit under the spend caps.

        A `request` is checked, and `field_support` states how the engine supports its fields.
        """
        organization_id = await self.organization.id()
        found = await self.operations.get_quote(organization_id, duration_seconds, engine, request)
        return existing(found and found.quote, Quote, f"organization {organization_id}")

    async def usage(self) -> UsageReport:
        """Return what was spent in each window, its limit, and the storage in use."""
        organization_id = await self.organization.id()
        return existing(
            await self.operations.get_usage(organization_id), UsageReport, f"organization {organization_id}"
        )

    async def set_spend_limit(self, window: UsageWindow, limit_chf: Decimal | None) -> "list[Usage]":
        """Limit spending in a window, in CHF; None removes the limit. Admins only."""
        request = SetSpendLimitInput(organization_id=await self.organization.id(), window=window, limit_chf=limit_chf)
        result = await self.operations.set_spend_limit(request)
        return payload_of(result, SetSpendLimitResultSetSpendLimitPayload).usage
