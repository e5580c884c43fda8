/** What was asked, made and measured; the licence, the receipt and the relations of a track. */

import { h } from "../app/dom.js";
import { pagePath } from "../app/location.js";
import { date, duration, fieldName, number, remarkText, t, withSupport } from "../app/texts.js";
import { cover } from "./track-row.js";

/** @param {FullTrack} track */
export function trackReport(track) {
  const { requested, report, measured } = track;
  const properties = /** @type {const} */ ([
    ["track.tempo", "tempoBpm", " bpm"],
    ["track.length", "durationSeconds"],
    ["track.keyName", "key"],
    ["track.metre", "metre"],
    ["track.loudness", "loudnessLufs", " LUFS"],
  ]);
  const rows = properties.map(([label, name, unit = ""]) => {
    const cell = (/** @type {string | number | null | undefined} */ value) => {
      if (typeof value !== "number") return h("td", {}, value);
      return h("td", {}, name === "durationSeconds" ? duration(value) : number(value) + unit);
    };
    return h("tr", {}, h("th", { scope: "row" }, t(label)), cell(requested?.[name]), cell(report?.[name].delivered), cell(measured?.[name]));
  });
  const columns = (/** @type {const} */ (["track.asked", "track.made", "track.measured"])).map((key) => h("th", { scope: "col" }, t(key)));
  const approximated = report?.wordsApproximated.map((each) => t("reading.approximated", each)).join("; ");
  const instruments = report?.instruments
    ?.map((each) => t("track.from", { name: each.name, time: duration(each.startsAtSeconds) }))
    .join("; ");
  const fields = (/** @type {"APPROXIMATED" | "IGNORED"} */ support) =>
    withSupport(report?.fieldSupport ?? [], support)
      .map((each) => fieldName(each.field))
      .join(", ");
  const ignored = report?.wordsIgnored.length ? h("span", { class: "ignored" }, report.wordsIgnored.join(", ")) : null;
  return h(
    "section",
    { class: "panel" },
    h("h2", {}, t("track.about")),
    track.generation ? h("blockquote", {}, track.generation.prompt) : null,
    facts([
      ["create.styles", track.generation?.styleTags.join(", ")],
      ["track.used", report?.wordsUsed.join(", ")],
      ["track.approximated", approximated],
      ["track.ignored", ignored],
      ["support.APPROXIMATED", fields("APPROXIMATED")],
      ["support.IGNORED", fields("IGNORED")],
      ["track.instruments", instruments],
    ]),
    h(
      "div",
      { class: "table", tabIndex: 0, role: "group", "aria-label": t("track.about") },
      h("table", {}, h("thead", {}, h("tr", {}, h("td"), ...columns)), h("tbody", {}, rows)),
    ),
    ...(report?.remarks ?? []).map((remark) => h("p", { class: "quiet" }, remarkText(remark))),
  );
}

/** @typedef {{ issuer: string, signature: { key_id: string }, files: { role: string, sha256: string }[] }} Receipt */

/** @param {FullTrack} track */
export function trackRights(track) {
  const { licence, origin } = track;
  const receipt = /** @type {Receipt | null} */ (track.receipt);
  const key = /** @type {Parameters<typeof t>[0]} */ (`licence.${licence.class}`);
  const master = receipt?.files.find((file) => file.role === "master");
  const save = () => {
    const url = URL.createObjectURL(new Blob([JSON.stringify(receipt, null, 2)], { type: "application/json" }));
    h("a", { href: url, download: `${track.id}.receipt.json` }).click();
    URL.revokeObjectURL(url);
  };
  return h(
    "section",
    { class: "panel" },
    h("h2", {}, t("track.licence")),
    h("p", {}, `${t(key)} ${t(licence.requiresAttribution ? "licence.attribution" : "licence.noAttribution")}`),
    origin ? h("p", { class: "quiet" }, t(origin.isVerified ? "origin.verified" : "origin.unverified", { issuer: origin.issuer ?? "?" })) : null,
    facts([
      ["rights.terms", licence.version],
      ["rights.engine", `${track.engine} ${track.engineVersion}`],
      ["rights.seed", String(track.seed)],
      ["rights.madeAt", date(track.createdAt)],
    ]),
    h("h3", {}, t("receipt.title")),
    h("p", { class: "quiet" }, t(receipt ? "receipt.explain" : "receipt.none")),
    receipt
      ? [
          facts([
            ["receipt.issuer", receipt.issuer],
            ["receipt.key", h("code", {}, receipt.signature.key_id)],
            ["receipt.digest", master && h("code", {}, master.sha256)],
          ]),
          h("div", { class: "row" }, h("button", { class: "button", type: "button", onclick: save }, t("receipt.save"))),
        ]
      : null,
  );
}

/**
 * Create the panel of the tracks that this one continues or that continue it; null if there are none.
 *
 * @param {FullTrack} track
 */
export function trackLineage({ lineage }) {
  const derived = lineage.derivedTracks.edges.map((edge) => edge.node);
  if (!lineage.seedTrack && !derived.length) return null;
  const list = (/** @type {Parameters<typeof t>[0]} */ label, /** @type {Api.Related[]} */ tracks) =>
    tracks.length
      ? [
          h("h3", {}, t(label)),
          h("ul", { class: "lineage", role: "list" }, tracks.map((each) =>
            h("li", {}, h("a", { href: `${pagePath}/track/${each.id}` }, cover(each), each.title ?? t("track.untitled"))),
          )),
        ]
      : null;
  return h(
    "section",
    { class: "panel" },
    h("h2", {}, t("lineage.title")),
    list("lineage.seed", lineage.seedTrack ? [lineage.seedTrack] : []),
    list("lineage.derived", derived),
  );
}

/**
 * Create a list of names and values, without those that have no value.
 *
 * @param {[Parameters<typeof t>[0], Child][]} pairs
 */
function facts(pairs) {
  const rows = pairs.filter(([, value]) => value).map(([label, value]) => [h("dt", { class: "quiet" }, t(label)), h("dd", {}, value)]);
  return h("dl", { class: "facts" }, rows);
}

/** @param {FullTrack} track */
export const summary = (track) =>
  [track.style, track.measured?.tempoBpm && `${number(track.measured.tempoBpm)} bpm`, track.measured?.key, track.metre, duration(track.measuredDurationSeconds)]
    .filter(Boolean)
    .join(" · ");
