/** Create: one box for the prompt, how it is read, what it costs, and the latest tracks. */

import { explainPrompt } from "../api/prompts.js";
import { loadLibrary } from "../api/tracks.js";
import { h, render } from "../app/dom.js";
import { createGeneration, jobEvents } from "../app/jobs.js";
import { errorMessage } from "../app/messages.js";
import { organization } from "../app/session.js";
import { duration, money, number, t } from "../app/texts.js";
import { trackRow } from "../elements/track-row.js";

const EXAMPLES = [
  "warm lofi with Rhodes and soft drums, 82 bpm",
  "epic orchestral trailer in D minor, builds up to a huge ending",
  "solo piano nocturne, slow and quiet",
];
const LENGTHS = [15, 30, 60, 90, 120, 180, 300, 600];
const DEFAULT_SECONDS = 60;
const READ_DELAY_MS = 400;
const RECENT = 6;

/** @param {import("../app/router.js").Visit} visit */
export default function createScreen({ query, signal }) {
  const engine = organization().engines.find((/** @type {any} */ each) => each.isDefault);
  const prompt = h("textarea", {
    name: "prompt",
    required: true,
    maxLength: 4000,
    rows: 2,
    placeholder: t("create.placeholder"),
    "aria-label": t("create.prompt"),
    value: query.get("prompt") ?? "",
  });
  const lengths = LENGTHS.filter((seconds) => seconds <= engine.maxDurationSeconds);
  const length = h(
    "select",
    { name: "length", "aria-label": t("create.length") },
    lengths.map((seconds) => h("option", { value: seconds, selected: seconds === DEFAULT_SECONDS }, duration(seconds))),
  );
  const options = optionFields();
  const cost = h("span", { class: "cost quiet number" });
  const submit = h("button", { class: "button primary" }, t("create.make"));
  const problem = h("div");
  const reading = h("div", { class: "stack", "aria-live": "polite" });
  const recent = h("ol", { class: "tracks" });

  const showCost = () => {
    const chf = (Number(engine.costChfPerMinute) * Number(length.value)) / 60;
    cost.textContent = chf ? t("create.cost", { cost: money(chf) }) : t("create.free");
  };

  let timer = 0;
  const read = () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      if (!prompt.value.trim()) return render(reading);
      const input = { prompt: prompt.value, durationSeconds: Number(length.value), ...options.values() };
      try {
        const found = await explainPrompt(input, signal);
        if (!signal.aborted) render(reading, readingOf(found));
      } catch {
        render(reading);
      }
    }, READ_DELAY_MS);
  };

  const send = async (/** @type {Event} */ event) => {
    event.preventDefault();
    submit.disabled = true;
    submit.textContent = t("create.making");
    try {
      const { seed, ...rest } = { seed: options.seed(), ...options.values() };
      await createGeneration({ prompt: prompt.value, durationSeconds: Number(length.value), seed, ...rest });
      render(problem);
    } catch (error) {
      render(problem, errorMessage(error));
    }
    submit.disabled = false;
    submit.textContent = t("create.make");
  };

  const form = h(
    "form",
    { class: "stack", onsubmit: send, oninput: read },
    h("div", { class: "prompt-box" }, prompt, h("div", { class: "bar" }, h("div", { class: "length" }, length), cost, submit)),
    h("details", {}, h("summary", {}, t("create.advanced")), options.element),
  );
  prompt.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) form.requestSubmit();
  });
  length.addEventListener("change", showCost);
  showCost();
  if (prompt.value) read();

  const examples = h(
    "section",
    { class: "stack" },
    h("h2", {}, t("create.examples")),
    h(
      "div",
      { class: "chips" },
      EXAMPLES.map((text) => {
        const use = () => {
          prompt.value = text;
          prompt.focus();
          read();
        };
        return h("button", { class: "chip", type: "button", onclick: use }, text);
      }),
    ),
  );

  const showRecent = async () => {
    const { edges } = await loadLibrary({ first: RECENT }, signal);
    const ids = () => edges.map((/** @type {any} */ edge) => edge.node.track.id);
    render(recent, edges.map((/** @type {any} */ edge) => trackRow(edge.node, ids, signal)));
    recentSection.hidden = !edges.length;
    examples.hidden = edges.length > 0;
  };
  const recentSection = h("section", { class: "stack", hidden: true }, h("h2", {}, t("create.recent")), recent);
  jobEvents.addEventListener("finished", () => void showRecent().catch(() => {}), { signal });
  void showRecent().catch(() => {});
  queueMicrotask(() => prompt.focus());

  return h("div", { class: "create" }, h("h1", {}, t("create.title")), form, problem, reading, examples, recentSection);
}

function optionFields() {
  const tempo = h("input", { type: "number", min: "20", max: "400", step: "any", placeholder: t("create.auto") });
  const key = h("input", { type: "text", placeholder: t("create.auto") });
  const include = h("input", { type: "text", placeholder: t("create.auto") });
  const exclude = h("input", { type: "text" });
  const intensity = h("input", { type: "range", min: "0", max: "1", step: "0.05" });
  const seed = h("input", { type: "number", min: "0", step: "1", placeholder: t("create.auto") });
  let hasIntensity = false;
  intensity.addEventListener("input", () => (hasIntensity = true));
  const names = (/** @type {HTMLInputElement} */ field) =>
    field.value.split(",").map((name) => name.trim()).filter(Boolean);
  const hint = (/** @type {string} */ text) => h("span", { class: "hint" }, text);
  const element = h(
    "div",
    { class: "options" },
    h("label", {}, t("create.tempo"), tempo),
    h("label", {}, t("create.key"), key, hint(t("create.keyHint"))),
    h("label", {}, t("create.include"), include, hint(t("create.listHint"))),
    h("label", {}, t("create.exclude"), exclude, hint(t("create.listHint"))),
    h("label", {}, t("create.intensity"), intensity),
    h("label", {}, t("create.seed"), seed, hint(t("create.seedHint"))),
  );
  const values = () => {
    /** @type {Record<string, unknown>} */
    const found = {};
    if (tempo.value) found.tempoBpm = Number(tempo.value);
    if (key.value.trim()) found.key = key.value.trim();
    if (hasIntensity) found.intensity = Number(intensity.value);
    const instruments = { include: names(include), exclude: names(exclude) };
    if (instruments.include.length || instruments.exclude.length) found.instruments = instruments;
    return found;
  };
  return { element, values, seed: () => (seed.value ? Number(seed.value) : null) };
}

/** @param {any} reading */
function readingOf(reading) {
  const { style, instruments } = reading;
  const isNamed = style.origin === "NAMED" || style.origin === "APPROXIMATED";
  const facts = [
    t(isNamed ? "reading.style.named" : "reading.style.chosen", { name: style.name }),
    reading.tempoBpm && t("reading.tempo", { tempo: number(reading.tempoBpm) }),
    reading.key,
    reading.metre,
    reading.lengthSeconds && duration(reading.lengthSeconds),
    ...reading.moods,
    instruments.included.length &&
      t(instruments.isSolo ? "reading.solo" : "reading.with", { names: instruments.included.join(", ") }),
    instruments.excluded.length && t("reading.without", { names: instruments.excluded.join(", ") }),
    ...reading.transformations.map((/** @type {any} */ each) => each.words),
    ...reading.sections,
  ].filter(Boolean);
  const warnings = [
    reading.refusalReason,
    ...reading.wordsApproximated.map((/** @type {any} */ each) => t("reading.approximated", each)),
    reading.wordsIgnored.length && t("reading.ignored", { words: reading.wordsIgnored.join(", ") }),
    ...reading.notes,
  ].filter(Boolean);
  return [
    h("h2", {}, t("create.reading")),
    h("ul", { class: "chips" }, facts.map((fact) => h("li", { class: "chip" }, String(fact)))),
    h("ul", { class: "stack quiet" }, warnings.map((warning) => h("li", {}, warning))),
  ];
}
