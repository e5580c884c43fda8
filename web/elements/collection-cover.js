/** The cover of a collection: its own, else those of its first tracks. */

import { h } from "../app/dom.js";

/** @param {any} collection */
export function collectionCover({ cover, tracks }) {
  const covers = tracks.edges.map((/** @type {any} */ edge) => edge.node.cover?.svgUrl).filter(Boolean);
  const urls = cover?.svgUrl ? [cover.svgUrl] : covers.slice(0, covers.length < 4 ? 1 : 4);
  const images = urls.map((/** @type {string} */ src) => h("img", { src, alt: "", loading: "lazy", decoding: "async" }));
  return h("div", { class: urls.length > 1 ? "mosaic cover" : "cover" }, images);
}
