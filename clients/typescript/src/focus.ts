import { payloadOf } from "./errors.js";
import {
  EndFocusSession,
  GetFocusSession,
  ListFocusSessions,
  PromoteFocusSegment,
  StartFocusSession,
  SteerFocusSession,
  WatchFocusSession,
  type StartFocusSessionInput,
  type SteerFocusSessionInput,
} from "./operations.js";
import type { FocusSession, FocusSessionState, FocusSteering, FocusUpdate, LibraryEntry } from "./models.js";
import { Resource, existing } from "./resource.js";

/** Focus sessions: endless music in segments that overlap. */
export class Focus extends Resource {
  /** Start a session, by default of 60 minutes for the goal FOCUS. A `customPrompt` needs no goal. */
  async start(options: Partial<Omit<StartFocusSessionInput, "organizationId">> = {}): Promise<FocusSession> {
    const goal = options.customPrompt ? "CUSTOM_PROMPT" : "FOCUS";
    const organizationId = await this.organization.id();
    const input: StartFocusSessionInput = { goal, targetMinutes: 60, ...options, organizationId };
    return payloadOf((await this.transport.execute(StartFocusSession, { input })).result).session;
  }

  /** Return a session with its first 100 segments. Throws NotFoundError. */
  async get(id: string): Promise<FocusSessionState> {
    return existing((await this.transport.execute(GetFocusSession, { id })).node, `focus session ${id}`);
  }

  /** Yield the sessions, newest first. Pages are requested as needed. */
  async *list(options: { pageSize?: number } = {}): AsyncGenerator<FocusSession, void> {
    const variables = { organizationId: await this.organization.id(), first: options.pageSize ?? 50 };
    yield* this.pages(
      async (after) =>
        (await this.transport.execute(ListFocusSessions, { ...variables, after })).organization?.focusSessions,
    );
  }

  /** Yield the state now and after each change, with new segments once, until the session ends. */
  async *watch(id: string): AsyncGenerator<FocusUpdate, void> {
    let after: number | null = null;
    for await (const event of this.transport.subscribe(WatchFocusSession, () => ({ id, after }))) {
      const update: FocusUpdate = event.focusSessionUpdated;
      after = update.sequence;
      yield update;
      if (update.session.status !== "ACTIVE") return;
    }
  }

  /** Change the music; `inSeconds` of the result is the time until it plays. */
  async steer(sessionId: string, changes: Omit<SteerFocusSessionInput, "sessionId">): Promise<FocusSteering> {
    const input = { ...changes, sessionId };
    return payloadOf((await this.transport.execute(SteerFocusSession, { input })).result);
  }

  /** Keep a segment as a track in the library. */
  async promote(sessionId: string, segmentIndex: number, title?: string): Promise<LibraryEntry> {
    const input = { sessionId, segmentIndex, title: title ?? null };
    return payloadOf((await this.transport.execute(PromoteFocusSegment, { input })).result).entry;
  }

  /** End a session. Its finished segments can still be played. */
  async end(id: string): Promise<FocusSession> {
    return payloadOf((await this.transport.execute(EndFocusSession, { input: { id } })).result).session;
  }
}
