/** How prompts are read, and the styles that they can name. */

import { organization } from "../app/session.js";
import { execute, gql } from "./graphql.js";

/** @type {Operation<"ExplainPrompt">} */
const EXPLAIN = gql`
  query ExplainPrompt($input: ExplainPromptInput!) {
    explainPrompt(input: $input) {
      style { key name origin }
      tempoBpm
      key
      metre
      moods
      instruments { included excluded reduced isExclusive }
      transformations { name words }
      sections
      lengthSeconds
      wordsApproximated { asked given }
      wordsIgnored
      remarks { code text words }
      refusalReason
    }
  }
`;

/** @type {Operation<"QuoteRequest">} */
const QUOTE = gql`
  query QuoteRequest($id: ID!, $seconds: Int!, $engine: String, $request: ExplainPromptInput) {
    organization(id: $id) {
      quote(durationSeconds: $seconds, engine: $engine, request: $request) { fieldSupport { field support note } }
    }
  }
`;

/** @type {Operation<"Styles">} */
const STYLES = gql`
  query Styles($id: ID!) {
    organization(id: $id) { engines { key styles { name keywords moods minTempoBpm maxTempoBpm } } }
  }
`;

/** @type {Operation<"EngineStates">} */
const STATES = gql`
  query EngineStates($id: ID!) {
    organization(id: $id) { engines { key health { status message } queue { estimatedWaitSeconds } } }
  }
`;

/** @type {Operation<"RecentPrompts">} */
const RECENT = gql`
  query RecentPrompts($id: ID!, $first: Int!) {
    organization(id: $id) { generations(first: $first) { edges { node { prompt mode } } } }
  }
`;

/**
 * Return the latest different prompts of the viewer.
 *
 * @param {string} organizationId
 * @param {AbortSignal} signal
 */
export async function recentPrompts(organizationId, signal) {
  const { organization } = await execute(RECENT, { id: organizationId, first: 20 }, signal);
  const nodes = organization?.generations?.edges.map(({ node }) => node) ?? [];
  return [...new Set(nodes.filter(({ mode }) => mode === "CREATION").map(({ prompt }) => prompt))].slice(0, 5);
}

/**
 * Return the styles that requests to an engine can name.
 *
 * @param {string} engine its key
 * @param {AbortSignal} signal
 */
export async function loadStyles(engine, signal) {
  const { engines } = (await execute(STYLES, { id: organization().id }, signal)).organization;
  return engines.find(({ key }) => key === engine)?.styles ?? [];
}

/**
 * Return whether each engine can be used, and how long a new job waits for it.
 *
 * @param {AbortSignal} signal
 */
export const loadEngineStates = async (signal) =>
  (await execute(STATES, { id: organization().id }, signal)).organization?.engines ?? [];

/**
 * Return what an engine does with each field of a request, without making music.
 *
 * @param {Api.ExplainPromptInput} request
 * @param {AbortSignal} [signal]
 */
export async function fieldSupport(request, signal) {
  const { durationSeconds, engine } = request;
  const found = await execute(QUOTE, { id: organization().id, seconds: Number(durationSeconds), engine, request }, signal);
  return found.organization?.quote?.fieldSupport ?? [];
}

/**
 * Return how a prompt is read, without making music.
 *
 * @param {Api.ExplainPromptInput} input
 * @param {AbortSignal} [signal]
 */
export const explainPrompt = async (input, signal) => (await execute(EXPLAIN, { input }, signal)).explainPrompt;
