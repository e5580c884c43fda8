/** Generations that are being made: submitted here, or found when the page opens, and followed until they end. */

import { execute, gql } from "../api/graphql.js";
import { subscribe } from "../api/subscriptions.js";
import { Store } from "./events.js";
import { organization, viewer } from "./session.js";
import { recall, remember } from "./storage.js";
import { onTabs, postToTabs } from "./tabs.js";

const FIELDS = gql`
  fragment Job on Generation {
    id
    status
    progress
    stage
    sequence
    prompt
    styleTags
    title
    errorMessage
    refusalReason
    queuePosition
    estimatedReadyAt
    resultTrackId
    track { id title }
  }
`;

/** @type {Operation<"ActiveJobs">} */
const ACTIVE = gql`
  query ActiveJobs($id: ID!) {
    organization(id: $id) {
      queued: generations(first: 20, status: QUEUED) { edges { node { ...Job } } }
      running: generations(first: 20, status: RUNNING) { edges { node { ...Job } } }
    }
  }
  ${FIELDS}
`;

/** @type {Operation<"CreateGeneration">} */
const CREATE = gql`
  mutation CreateGeneration($input: CreateGenerationInput!) {
    createGeneration(input: $input) {
      __typename
      ... on CreateGenerationPayload { generation { ...Job } }
      ... on Error { code message }
      ... on InvalidInputError { problems { path message } }
      ... on SpendCapError { window limitChf spentChf resetsAt }
    }
  }
  ${FIELDS}
`;

/** @type {Operation<"CancelGeneration">} */
const CANCEL = gql`
  mutation CancelGeneration($input: CancelGenerationInput!) {
    cancelGeneration(input: $input) { __typename ... on Error { code message } }
  }
`;

/** @type {Operation<"GenerationUpdated">} */
const UPDATED = gql`
  subscription GenerationUpdated($id: ID!, $after: Int) {
    generationUpdated(id: $id, after: $after) { ...Job }
  }
  ${FIELDS}
`;

/** Where the viewer's generations are remembered that were not seen to end. */
const pendingKey = () => `pending-generations:${viewer.value?.id}`;

/** The generations of the queue strip, oldest first. */
export const jobs = new Store(/** @type {Job[]} */ ([]));

/** Dispatches "finished" with a generation that has succeeded. */
export const jobEvents = new EventTarget();

/** @type {Map<string, AbortController>} */
const followed = new Map();

/** Find the generations that are being made, and those that finished while the page was closed. */
export async function loadJobs() {
  const { queued, running } = (await execute(ACTIVE, { id: organization().id })).organization;
  const found = [...running.edges, ...queued.edges].map((edge) => edge.node).reverse();
  for (const job of found) follow(job);
  // the subscription of one that has finished sends its last state
  for (const [id, prompt] of Object.entries(readPending())) follow({ id, prompt, status: "QUEUED", progress: 0 });
}

/**
 * Submit a generation. Throws ApiError.
 *
 * @param {Omit<Api.CreateGenerationInput, "organizationId">} input
 */
export async function createGeneration(input) {
  const idempotencyKey = crypto.randomUUID?.();
  const variables = { input: { ...input, organizationId: organization().id, saveToLibrary: true, idempotencyKey } };
  const { generation } = (await execute(CREATE, variables)).createGeneration;
  follow(generation);
  postToTabs("generation", { organizationId: organization().id, job: generation });
  return generation;
}

onTabs("generation", ({ organizationId, job }) => {
  if (viewer.value && organizationId === organization().id) follow(job);
});

/** @param {string} id */
export async function cancel(id) {
  await execute(CANCEL, { input: { id } });
}

/** @param {string} id */
export function dismiss(id) {
  const { [id]: _, ...others } = readPending();
  remember(pendingKey(), JSON.stringify(others));
  forget(id);
}

/** Follow none any more, as after signing out. */
export function clearJobs() {
  for (const job of jobs.value) forget(job.id);
}

/** @param {string} id */
function forget(id) {
  followed.get(id)?.abort();
  followed.delete(id);
  jobs.set(jobs.value.filter((job) => job.id !== id));
}

/** @returns {Record<string, string>} prompts by the id of their generation */
const readPending = () => JSON.parse(recall(pendingKey()) ?? "{}");

/** @param {Job} job */
function follow(job) {
  if (followed.has(job.id)) return;
  const controller = new AbortController();
  followed.set(job.id, controller);
  remember(pendingKey(), JSON.stringify({ ...readPending(), [job.id]: job.prompt }));
  jobs.set([...jobs.value, job]);
  const find = () => jobs.value.find((each) => each.id === job.id);
  const change = (/** @type {Partial<Job>} */ changed) =>
    jobs.set(jobs.value.map((each) => (each.id === job.id ? { ...each, ...changed } : each)));
  const operation = {
    query: UPDATED,
    variables: () => ({ id: job.id, after: find()?.sequence ?? null }),
    onData: (/** @type {Data<"GenerationUpdated">} */ { generationUpdated }) => {
      change(generationUpdated);
      if (generationUpdated.status === "SUCCEEDED") finish(generationUpdated);
    },
    onComplete: (/** @type {string | undefined} */ problem) => {
      if (problem && find()) change({ status: "FAILED", errorMessage: problem });
    },
  };
  subscribe(operation, controller.signal);
}

/** @param {Job} job */
function finish(job) {
  dismiss(job.id);
  // a track that was deleted meanwhile is nothing to tell
  if (job.track) jobEvents.dispatchEvent(new CustomEvent("finished", { detail: job }));
}
