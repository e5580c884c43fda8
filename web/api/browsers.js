/** The browser sessions of the viewer. */

import { execute, gql } from "./graphql.js";

/** @type {Operation<"Browsers">} */
const BROWSERS = gql`
  query Browsers($after: String) {
    viewer {
      browserSessions(after: $after) {
        pageInfo { hasNextPage endCursor }
        edges { node { id: sessionId browser createdAt lastUsedAt expiresAt isCurrent } }
      }
    }
  }
`;

/** @type {Operation<"EndBrowser">} */
const END = gql`
  mutation EndBrowser($input: EndBrowserSessionInput!) {
    endBrowserSession(input: $input) {
      __typename
      ... on Error { code message }
    }
  }
`;

/** @type {Operation<"EndBrowsers">} */
const END_OTHERS = gql`
  mutation EndBrowsers($input: EndBrowserSessionsInput!) {
    endBrowserSessions(input: $input) {
      __typename
      ... on Error { code message }
    }
  }
`;

/** @param {string | null} after */
export const loadSessions = async (after) => (await execute(BROWSERS, { after })).viewer.browserSessions;

/** @param {string} sessionId */
export const endSession = (sessionId) => execute(END, { input: { sessionId } });

export const endOtherSessions = () => execute(END_OTHERS, { input: {} });
