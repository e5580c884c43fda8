/** Tabs of one browser: what a person does in one of them is seen in the others. */

import { pagePath } from "./location.js";

const channel = new BroadcastChannel(`music-studio${pagePath}`);

/**
 * The messages between tabs, by name.
 *
 * @typedef {object} News
 * @property {string | null} session the id of the viewer who signed in; null when the session has ended
 * @property {{ organizationId: string, job: Job }} generation one that was submitted
 * @property {{ trackId: string, values: Partial<Entry> }} entry changes of a library entry
 * @property {string[]} deleted ids of tracks and collections
 * @property {string[]} restored likewise
 */

/**
 * @template {keyof News} Name
 * @param {Name} name
 * @param {News[Name]} news
 */
export const postToTabs = (name, news) => channel.postMessage({ name, news });

/**
 * Call a function with the news of other tabs.
 *
 * @template {keyof News} Name
 * @param {Name} name
 * @param {(news: News[Name]) => void} listener
 */
export const onTabs = (name, listener) =>
  channel.addEventListener("message", ({ data }) => data.name === name && listener(data.news));
