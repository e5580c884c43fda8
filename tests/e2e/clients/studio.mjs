// Shared by all clients: query the viewer, create a generation, watch it until it ends, print the results as JSON.

const { STUDIO_URL, STUDIO_KEY, STUDIO_ORGANIZATION } = process.env;

export const url = `${STUDIO_URL}/graphql`;
export const socketUrl = url.replace(/^http/, "ws");
export const headers = { "X-API-Key": STUDIO_KEY };

export const viewer = "query Viewer { viewer { id organizations { id } } }";

export const create = `
  mutation Create($input: CreateGenerationInput!) {
    createGeneration(input: $input) {
      __typename
      ... on CreateGenerationPayload { generation { id status } }
      ... on Error { code message }
    }
  }`;

export const createVariables = (prompt) => ({
  input: { organizationId: STUDIO_ORGANIZATION, prompt, durationSeconds: 3 },
});

export const watch = `
  subscription Watch($id: ID!) {
    generationUpdated(id: $id) { id status progress sequence track { id playbackUrl cover { svgUrl pngUrl } } }
  }`;

export function print(seen) {
  process.stdout.write(`${JSON.stringify(seen)}\n`);
}

// Collects the values of a subscription that takes an observer with next, error and complete.
export const collected = (subscribe) =>
  new Promise((resolve, reject) => {
    const states = [];
    subscribe({ next: (state) => states.push(state), error: reject, complete: () => resolve(states) });
  });
