import { payloadOf } from "./errors.js";
import { GetQuote, GetUsage, GetViewer, ListEngines, ListStyles, SetSpendLimit, type ExplainPromptInput, type UsageWindow } from "./operations.js";
import type { Engine, EngineStyle, Quote, Usage, UsageReport, Viewer } from "./models.js";
import { Resource, existing } from "./resource.js";

/** You, your organization, its engines and its spending. */
export class Account extends Resource {
  /** Return the caller and the organizations it belongs to. */
  async viewer(): Promise<Viewer> {
    return (await this.transport.execute(GetViewer, {})).viewer;
  }

  /** Return the engines with their limits, prices and licences. */
  async engines(): Promise<Engine[]> {
    const organizationId = await this.organization.id();
    const { organization } = await this.transport.execute(ListEngines, { organizationId });
    return existing(organization, `organization ${organizationId}`).engines;
  }

  /** Return the styles that requests to an engine can name, by default the default one. Throws NotFoundError. */
  async styles(engine?: string): Promise<EngineStyle[]> {
    const organizationId = await this.organization.id();
    const { organization } = await this.transport.execute(ListStyles, { organizationId });
    const { engines } = existing(organization, `organization ${organizationId}`);
    const chosen = engines.find(({ key }) => engine === undefined || key === engine);
    return existing(chosen, `engine ${engine}`).styles;
  }

  /** Return the price of a track; `exceededCap` is set if it does not fit under the spend caps. */
  async quote(durationSeconds: number, engine?: string, request?: ExplainPromptInput): Promise<Quote> {
    const organizationId = await this.organization.id();
    const variables = { organizationId, durationSeconds, engine: engine ?? null, request: request ?? null };
    const { organization } = await this.transport.execute(GetQuote, variables);
    return existing(organization?.quote, `organization ${organizationId}`);
  }

  /** Return what was spent in each window, its limit, and the storage in use. */
  async usage(): Promise<UsageReport> {
    const organizationId = await this.organization.id();
    const { organization } = await this.transport.execute(GetUsage, { organizationId });
    return existing(organization, `organization ${organizationId}`);
  }

  /** Limit spending in a window, in CHF; null removes the limit. Admins only. */
  async setSpendLimit(window: UsageWindow, limitChf: string | null): Promise<Usage[]> {
    const input = { organizationId: await this.organization.id(), window, limitChf };
    return payloadOf((await this.transport.execute(SetSpendLimit, { input })).result).usage;
  }
}
