/** Generations that are being made: submitted here, or found when the page opens, and followed until they end. */

import { execute, gql } from "../api/graphql.js";
import { subscribe } from "../api/subscriptions.js";
import { Store } from "./events.js";
import { organization } from "./session.js";

const FIELDS = gql`
  fragment Job on Generation {
    id
    status
    progress
    stage
    sequence
    prompt
    title
    errorMessage
    refusalReason
    queuePosition
    estimatedReadyAt
    resultTrackId
    track { id title }
  }
`;

const ACTIVE = gql`
  query ActiveJobs($id: ID!) {
    organization(id: $id) {
      queued: generations(first: 20, status: QUEUED) { edges { node { ...Job } } }
      running: generations(first: 20, status: RUNNING) { edges { node { ...Job } } }
    }
  }
  ${FIELDS}
`;

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

const CANCEL = gql`
  mutation CancelGeneration($input: CancelGenerationInput!) {
    cancelGeneration(input: $input) { __typename ... on Error { code message } }
  }
`;

const SAVE = gql`
  mutation Save($input: TrackInput!) {
    saveTrack(input: $input) { __typename ... on Error { code message } }
  }
`;

const UPDATED = gql`
  subscription GenerationUpdated($id: ID!, $after: Int) {
    generationUpdated(id: $id, after: $after) { ...Job }
  }
  ${FIELDS}
`;

/** The generations of the queue strip, oldest first. */
export const jobs = new Store(/** @type {any[]} */ ([]));

/** Dispatches "finished" with a generation that has succeeded. */
export const jobEvents = new EventTarget();

/** @type {Map<string, AbortController>} */
const followed = new Map();

/** Find the generations that are being made, as after opening the page. */
export async function loadJobs() {
  const { queued, running } = (await execute(ACTIVE, { id: organization().id })).organization;
  const found = [...running.edges, ...queued.edges].map((edge) => edge.node).reverse();
  for (const job of found) follow(job);
}

/**
 * Submit a generation. Throws ApiError.
 *
 * @param {Record<string, unknown>} input
 */
export async function createGeneration(input) {
  const variables = { input: { ...input, organizationId: organization().id, idempotencyKey: crypto.randomUUID?.() } };
  const { generation } = (await execute(CREATE, variables)).createGeneration;
  follow(generation);
  return generation;
}

/** @param {string} id */
export async function cancel(id) {
  await execute(CANCEL, { input: { id } });
}

/** @param {string} id */
export function dismiss(id) {
  followed.get(id)?.abort();
  followed.delete(id);
  jobs.set(jobs.value.filter((job) => job.id !== id));
}

/** Forget all, as after signing out. */
export function clearJobs() {
  for (const job of jobs.value) dismiss(job.id);
}

/** @param {any} job */
function follow(job) {
  if (followed.has(job.id)) return;
  const controller = new AbortController();
  followed.set(job.id, controller);
  jobs.set([...jobs.value, job]);
  const find = () => jobs.value.find((each) => each.id === job.id);
  const operation = {
    query: UPDATED,
    variables: () => ({ id: job.id, after: find()?.sequence ?? null }),
    onData: async (/** @type {any} */ { generationUpdated }) => {
      jobs.set(jobs.value.map((each) => (each.id === job.id ? generationUpdated : each)));
      if (generationUpdated.status !== "SUCCEEDED") return;
      await execute(SAVE, { input: { id: generationUpdated.resultTrackId } });
      jobEvents.dispatchEvent(new CustomEvent("finished", { detail: generationUpdated }));
      dismiss(job.id);
    },
  };
  subscribe(operation, controller.signal);
}
