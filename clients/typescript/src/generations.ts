import { GenerationEndedError, payloadOf } from "./errors.js";
import {
  CancelGeneration,
  CreateGeneration,
  ExplainPrompt,
  GetGeneration,
  ListGenerations,
  WatchGeneration,
  type CreateGenerationInput,
  type ExplainPromptInput,
  type GenerationStatus,
} from "./operations.js";
import type { Generation, GenerationState, PromptReading, Track } from "./models.js";
import { Resource, existing } from "./resource.js";

const UNFINISHED: ReadonlySet<GenerationStatus> = new Set(["QUEUED", "RUNNING"]);

/** Make tracks: create generations, follow and cancel them. */
export class Generations extends Resource {
  /**
   * Create a generation and return at once; it costs money when its track is finished. The length is 60 seconds
   * unless given. With an `idempotencyKey`, a repeated call returns the first generation instead of paying for another.
   */
  async create(
    prompt: string,
    options: Partial<Omit<CreateGenerationInput, "prompt" | "organizationId">> = {},
  ): Promise<Generation> {
    const organizationId = await this.organization.id();
    const input = { durationSeconds: 60, ...options, prompt, organizationId };
    return payloadOf((await this.transport.execute(CreateGeneration, { input })).result).generation;
  }

  /** Return how a prompt is read, without making or paying anything. Null if the engine does not read prompts. */
  async explain(prompt: string, options: Omit<ExplainPromptInput, "prompt"> = {}): Promise<PromptReading | null> {
    return (await this.transport.execute(ExplainPrompt, { input: { ...options, prompt } })).explainPrompt;
  }

  /** Return a generation with its track, if it is finished. Throws NotFoundError. */
  async get(id: string): Promise<GenerationState> {
    return existing((await this.transport.execute(GetGeneration, { id })).node, `generation ${id}`);
  }

  /** Yield the generations, newest first. Pages are requested as needed. */
  async *list(options: { status?: GenerationStatus; pageSize?: number } = {}): AsyncGenerator<Generation, void> {
    const organizationId = await this.organization.id();
    const variables = { organizationId, first: options.pageSize ?? 50, status: options.status ?? null };
    yield* this.pages(
      async (after) => (await this.transport.execute(ListGenerations, { ...variables, after })).organization?.generations,
    );
  }

  /** Cancel a generation. It costs nothing unless its track is finished. */
  async cancel(id: string): Promise<Generation> {
    return payloadOf((await this.transport.execute(CancelGeneration, { input: { id } })).result).generation;
  }

  /** Yield the state now and after each change until the generation ends. Reconnects after an interruption. */
  async *watch(id: string): AsyncGenerator<GenerationState, void> {
    for await (const { generationUpdated } of this.transport.subscribe(WatchGeneration, () => ({ id }))) {
      yield generationUpdated;
      if (!UNFINISHED.has(generationUpdated.status)) return;
    }
  }

  /** Wait for the track of a generation. Throws GenerationEndedError if it ends without one. */
  async wait(id: string, onUpdate?: (state: GenerationState) => void): Promise<Track> {
    let status: GenerationStatus = "QUEUED";
    let reason: string | null = null;
    for await (const state of this.watch(id)) {
      onUpdate?.(state);
      if (state.track) return state.track;
      status = state.status;
      reason = state.errorMessage ?? state.refusalReason;
    }
    throw new GenerationEndedError(reason ?? `The generation was ${status.toLowerCase()}.`, id, status);
  }
}
