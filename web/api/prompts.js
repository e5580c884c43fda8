/** How prompts are read. */

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

/**
 * Return how a prompt is read, without making music.
 *
 * @param {Api.ExplainPromptInput} input
 * @param {AbortSignal} [signal]
 */
export const explainPrompt = async (input, signal) => (await execute(EXPLAIN, { input }, signal)).explainPrompt;
