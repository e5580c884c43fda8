/** Focus sessions. */

import { organization } from "../app/session.js";
import { execute, gql } from "./graphql.js";
import { subscribe } from "./subscriptions.js";

const SEGMENT = gql`
  fragment Segment on FocusSegment {
    index
    beginsAtSeconds
    playbackUrl
    grid { tempoBpm key durationSeconds overlapMs fadeInMs fadeOutMs }
  }
`;

const SESSION = gql`
  fragment Session on FocusSession {
    id
    status
    endReason
    problem
    sequence
    targetMinutes
    morePending
    nextReadyAt
    playheadSeconds
    controls { goal intensity divergence prompt }
  }
`;

/** @type {Operation<"StartFocus">} */
const START = gql`
  mutation StartFocus($input: StartFocusSessionInput!) {
    startFocusSession(input: $input) {
      __typename
      ... on StartFocusSessionPayload { session { ...Session } }
      ... on Error { code message }
      ... on InvalidInputError { problems { path message } }
      ... on SpendCapError { window limitChf spentChf resetsAt }
    }
  }
  ${SESSION}
`;

/** @type {Operation<"SteerFocus">} */
const STEER = gql`
  mutation SteerFocus($input: SteerFocusSessionInput!) {
    steerFocusSession(input: $input) {
      __typename
      ... on SteerFocusSessionPayload { fromSegmentIndex inSeconds session { playheadSeconds } }
      ... on Error { code message }
      ... on InvalidInputError { problems { path message } }
    }
  }
`;

/** @type {Operation<"PromoteSegment">} */
const PROMOTE = gql`
  mutation PromoteSegment($input: PromoteFocusSegmentInput!) {
    promoteFocusSegment(input: $input) {
      __typename
      ... on PromoteFocusSegmentPayload { entry { track { id title } } }
      ... on Error { code message }
    }
  }
`;

/** @type {Operation<"EndFocus">} */
const END = gql`
  mutation EndFocus($input: EndFocusSessionInput!) {
    endFocusSession(input: $input) { __typename ... on Error { code message } }
  }
`;

/** @type {Operation<"FocusSession">} */
const FIND = gql`
  query FocusSession($organizationId: ID!, $id: ID!) {
    organization(id: $organizationId) { focusSession(id: $id) { ...Session segments(first: 360) { ...Segment } } }
  }
  ${SESSION}
  ${SEGMENT}
`;

/** @type {Operation<"FocusUpdated">} */
const UPDATED = gql`
  subscription FocusUpdated($id: ID!, $after: Int) {
    focusSessionUpdated(id: $id, after: $after) { newSegments { ...Segment } session { ...Session } }
  }
  ${SEGMENT}
  ${SESSION}
`;

/**
 * Start a session and return it. Throws ApiError.
 *
 * @param {Omit<Api.StartFocusSessionInput, "organizationId" | "idempotencyKey">} input
 */
export async function startSession(input) {
  const variables = { input: { ...input, organizationId: organization().id, idempotencyKey: crypto.randomUUID?.() } };
  return (await execute(START, variables)).startFocusSession.session;
}

/**
 * Return a session with its segments; null if it does not exist.
 *
 * @param {string} id
 */
export async function findSession(id) {
  return (await execute(FIND, { organizationId: organization().id, id })).organization.focusSession;
}

/**
 * Change the controls. Return the position in the session, in seconds, from which the change is heard.
 *
 * @param {string} sessionId
 * @param {Omit<Api.SteerFocusSessionInput, "sessionId">} change
 */
export async function steer(sessionId, change) {
  const { inSeconds, session } = (await execute(STEER, { input: { sessionId, ...change } })).steerFocusSession;
  return session.playheadSeconds + inSeconds;
}

/**
 * Save a segment to the library and return its track; null if that was deleted meanwhile.
 *
 * @param {string} sessionId
 * @param {number} segmentIndex
 */
export async function promote(sessionId, segmentIndex) {
  return (await execute(PROMOTE, { input: { sessionId, segmentIndex } })).promoteFocusSegment.entry.track;
}

/** @param {string} id */
export const endSession = (id) => execute(END, { input: { id } });

/**
 * Follow a session until the signal aborts, and resume after a lost connection. The first update has all segments.
 *
 * @param {string} id
 * @param {(update: Data<"FocusUpdated">["focusSessionUpdated"]) => void} onUpdate
 * @param {(problem: string) => void} onProblem
 * @param {AbortSignal} signal
 */
export function watchSession(id, onUpdate, onProblem, signal) {
  /** @type {number | null} */
  let after = null;
  const operation = {
    query: UPDATED,
    variables: () => ({ id, after }),
    onData: (/** @type {Data<"FocusUpdated">} */ { focusSessionUpdated: update }) => {
      after = update.session.sequence;
      onUpdate(update);
    },
    onComplete: (/** @type {string | undefined} */ problem) => problem && onProblem(problem),
  };
  subscribe(operation, signal);
}
