/** Addresses of this server and of the page's screens. */

const { base = "/studio", root = "", provider = "", problem = "" } = document.documentElement.dataset;

/** Path of the page, such as "/studio", without a slash at its end. */
export const pagePath = base;

/** URL of the GraphQL endpoint. */
export const graphqlUrl = `${location.origin}${root}/graphql`;

/** URL of the WebSocket endpoint for subscriptions. */
export const socketUrl = graphqlUrl.replace(/^http/, "ws");

/** URL that signs in (POST) and out (DELETE). */
export const sessionUrl = `${location.origin}${base}/session`;

/** Name of the identity provider at which people can sign in, empty if there is none. */
export const identityProvider = provider;

/** URL at which signing in at the identity provider starts. */
export const openidUrl = `${location.origin}${base}/openid`;

/** Why signing in at the identity provider failed, empty if it did not. */
export const signInProblem = problem;

/** Return whether the server answers; a proxy before a server that restarts does not count. */
export const isReachable = async () => Boolean((await fetch(pagePath, { method: "HEAD" }).catch(() => null))?.ok);
