/** The cover of a collection: its own, else those of its first tracks. */

import { h } from "../app/dom.js";

/** @param {Pick<Card, "cover" | "tracks">} collection */
export function collectionCover({ cover, tracks }) {
  const covers = tracks.edges.flatMap(({ node }) => node.cover?.svgUrl ?? []);
  const urls = cover?.svgUrl ? [cover.svgUrl] : covers.slice(0, covers.length < 4 ? 1 : 4);
  const images = urls.map((src) => h("img", { src, alt: "", loading: "lazy", decoding: "async" }));
  return h("div", { class: urls.length > 1 ? "mosaic cover" : "cover" }, images);
}
