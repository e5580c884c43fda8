import { ForbiddenError, NotFoundError } from "./errors.js";
import { GetViewer } from "./operations.js";
import type { Transport } from "./transport.js";

export type Page<Item> = { edges: { node: Item }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };

/** The organization that a client works for: the one of its options, else the first one of the caller. */
export class Organization {
  readonly #transport: Transport;
  #id: string | undefined;

  constructor(transport: Transport, id: string | undefined) {
    this.#transport = transport;
    this.#id = id;
  }

  async id(): Promise<string> {
    this.#id ??= (await this.#transport.execute(GetViewer, {})).viewer.organizations[0]?.id;
    if (this.#id === undefined) {
      throw new ForbiddenError("You are not a member of an organization.", "ORGANIZATION_ACCESS_DENIED");
    }
    return this.#id;
  }
}

/** A group of operations. */
export class Resource {
  constructor(
    protected readonly transport: Transport,
    protected readonly organization: Organization,
  ) {}

  /** Yield the items of all pages. `load` returns the page after a cursor. */
  protected async *pages<Item>(
    load: (after: string | null) => Promise<Page<Item> | null | undefined>,
  ): AsyncGenerator<Item, void> {
    for (let after: string | null = null; ; ) {
      const page: Page<Item> | null | undefined = await load(after);
      if (!page) throw new ForbiddenError("You cannot read this list.", "OPERATION_NOT_ALLOWED");
      for (const { node } of page.edges) yield node;
      if (!page.pageInfo.hasNextPage) return;
      after = page.pageInfo.endCursor;
    }
  }
}

/** Return an object that was found, else throw NotFoundError. An object of another type has no fields. */
export function existing<Node extends object>(node: Node | null | undefined, description: string): Exclude<Node, Empty> {
  if (node && Object.keys(node).length > 0) return node as Exclude<Node, Empty>;
  throw new NotFoundError(`There is no ${description}, or you cannot read it.`, "RESOURCE_NOT_FOUND");
}

type Empty = Record<PropertyKey, never>;
