/** Create: one box for the prompt, how it is read, what it costs, and the latest tracks. */

import { explainPrompt, fieldSupport, loadEngineStates, recentPrompts } from "../api/prompts.js";
import { loadLibrary } from "../api/library.js";
import { h, render } from "../app/dom.js";
import { createGeneration, jobEvents } from "../app/jobs.js";
import { describe, errorMessage } from "../app/messages.js";
import { organization } from "../app/session.js";
import { duration, fieldName, money, number, remarkText, t, withSupport } from "../app/texts.js";
import { sourceFields } from "../elements/source-fields.js";
import { trackRow } from "../elements/track-row.js";

const EXAMPLES = /** @type {const} */ (["create.example.1", "create.example.2", "create.example.3"]);
const LENGTHS = [5, 15, 30, 60, 90, 120, 180, 300, 600];
const DEFAULT_SECONDS = 60;
const READ_DELAY_MS = 400;
const RECENT = 6;
const NOTABLE_WAIT_SECONDS = 10;

/** @param {import("../app/router.js").Visit} visit */
export default function createScreen({ query, signal }) {
  const { engines } = organization();
  const asked = query.get("engine");
  const first = engines.find((each) => each.key === asked) ?? engines.find((each) => each.isDefault) ?? engines[0];
  if (!first) return h("div", { class: "message" }, h("h1", {}, t("create.noEngine")));
  let engine = first;
  const choice = h(
    "select",
    { name: "engine", "aria-label": t("create.engine"), hidden: engines.length < 2 },
    engines.map((each) => h("option", { value: each.key, selected: each === engine }, each.name)),
  );
  const seedTrackId = query.get("continue");
  const prompt = h("textarea", {
    name: "prompt",
    required: true,
    maxLength: 4000,
    rows: 2,
    placeholder: t("create.placeholder"),
    "aria-label": t("create.prompt"),
    "data-focus": matchMedia("(pointer: fine)").matches,
    value: query.get("prompt") ?? "",
  });
  const length = h("select", { name: "length", "aria-label": t("create.length") });
  const showLengths = () => {
    const lengths = LENGTHS.filter((seconds) => seconds <= engine.maxDurationSeconds);
    const chosen = lengths.find((seconds) => seconds === Number(length.value)) ?? DEFAULT_SECONDS;
    render(length, lengths.map((seconds) => h("option", { value: seconds, selected: seconds === chosen }, duration(seconds))));
  };
  /** @type {ReturnType<typeof import("../elements/style-picker.js").stylePicker> | undefined} */
  let styles;
  let initialStyles = query.getAll("style");
  const styleTags = () => (isSupported(engine, "STYLE_TAGS") ? (styles?.values() ?? initialStyles) : []);
  const options = optionFields();
  const source = sourceFields(() => {
    showCost();
    read();
  });
  const cost = h("span", { class: "cost quiet number" });
  const submit = h("button", { class: "button primary" }, t("create.make"));
  const state = h("p", { class: "quiet", role: "status", hidden: true });
  const problem = h("div");
  const reading = h("div", { class: "stack" });
  const recent = h("ol", { class: "tracks", role: "list" });

  const showCost = () => {
    const seconds = source.seconds() ?? Number(length.value);
    length.hidden = source.seconds() !== null;
    const chf = (Number(engine.costChfPerMinute) * seconds) / 60;
    cost.textContent = chf ? t("create.cost", { cost: money(chf) }) : t("create.free");
  };

  const request = () => ({
    engine: engine.key,
    prompt: prompt.value,
    durationSeconds: Number(length.value),
    styleTags: styleTags(),
    ...options.values(),
    ...source.values(),
  });

  let timer = 0;
  let reader = new AbortController();
  const read = () => {
    clearTimeout(timer);
    reader.abort();
    const { signal: current } = (reader = new AbortController());
    timer = setTimeout(async () => {
      if (!prompt.value.trim()) return render(reading);
      const input = { ...request(), seedTrackId };
      try {
        if (!engine.explainsPrompts) {
          const found = await fieldSupport(input, current);
          if (!current.aborted) render(reading, supportOf(found));
          return;
        }
        const found = await explainPrompt(input, current);
        if (current.aborted || !found) return;
        render(reading, readingOf(found));
        styles?.explain(found.wordsApproximated);
      } catch (error) {
        if (!current.aborted) render(reading, h("p", { class: "quiet" }, describe(error)));
      }
    }, READ_DELAY_MS);
  };
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    reader.abort();
  });

  const showStyles = async () => {
    if (styles) return;
    const { stylePicker } = await import("../elements/style-picker.js");
    if (styles) return;
    styles = stylePicker(engine.key, initialStyles, read, signal);
    options.element.prepend(styles.element);
    styles.element.hidden = !isSupported(engine, "STYLE_TAGS");
  };

  let states = /** @type {Awaited<ReturnType<typeof loadEngineStates>>} */ ([]);
  const showState = () => {
    const { health, queue } = states.find(({ key }) => key === engine.key) ?? {};
    const wait = queue?.estimatedWaitSeconds ?? 0;
    state.textContent =
      health?.status === "UNAVAILABLE"
        ? t("create.unavailable", { engine: engine.name, reason: health.message ?? "" })
        : wait > NOTABLE_WAIT_SECONDS
          ? t("create.wait", { time: duration(wait) })
          : "";
    state.hidden = !state.textContent;
  };
  const loadStates = async () => {
    states = await loadEngineStates(signal);
    for (const option of choice.options) {
      const isAway = states.some(({ key, health }) => key === option.value && health?.status === "UNAVAILABLE");
      const { name } = engines.find(({ key }) => key === option.value) ?? { name: option.value };
      option.textContent = isAway ? t("create.away", { engine: name }) : name;
    }
    showState();
  };
  // others run in the workers, which are always there
  if (engines.some((each) => !each.explainsPrompts)) void loadStates().catch(() => {}); // it is only a hint

  const showEngine = () => {
    showState();
    showLengths();
    options.show(engine);
    source.show(isSupported(engine, "SOURCE") ? (capability(engine, "SOURCE")?.values ?? []) : []);
    showCost();
    canContinue.hidden = !isSupported(engine, "SEED_TRACK");
    cannotContinue.hidden = !canContinue.hidden;
    cannotContinue.textContent = t("create.cannotContinue", { engine: engine.name });
  };
  choice.addEventListener("change", () => {
    engine = engines.find((each) => each.key === choice.value) ?? engine;
    showEngine();
    if (!styles) return;
    initialStyles = styles.values();
    styles.element.remove();
    styles = undefined;
    void showStyles();
  });

  let isSending = false;
  const send = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (isSending) return;
    isSending = true;
    // not disabled, so that it keeps the focus
    submit.setAttribute("aria-disabled", "true");
    submit.textContent = t("create.making");
    try {
      await createGeneration({ ...request(), seedTrackId });
      render(problem);
    } catch (error) {
      render(problem, errorMessage(error));
    }
    isSending = false;
    submit.removeAttribute("aria-disabled");
    submit.textContent = t("create.make");
  };

  const form = h(
    "form",
    { class: "stack", onsubmit: send, oninput: read },
    h("div", { class: "prompt-box" }, prompt, h("div", { class: "bar" }, h("div", { class: "length" }, choice, length), cost, submit)),
    state,
    h("details", { ontoggle: showStyles, open: initialStyles.length > 0 }, h("summary", {}, t("create.advanced")), options.element, source.element),
  );
  prompt.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) form.requestSubmit();
  });
  length.addEventListener("change", showCost);
  const canContinue = h("p", { class: "quiet" }, t("create.continues"));
  const cannotContinue = h("p", { class: "quiet" });
  showEngine();
  if (prompt.value) read();

  const promptChips = (/** @type {string[]} */ texts) =>
    h(
      "div",
      { class: "chips" },
      texts.map((text) => {
        const use = () => {
          prompt.value = text;
          prompt.focus();
          read();
        };
        return h("button", { class: "chip", type: "button", title: text, onclick: use }, text);
      }),
    );
  const examples = h(
    "section",
    { class: "stack", hidden: true },
    h("h2", {}, t("create.examples")),
    promptChips(EXAMPLES.map((key) => t(key))),
  );
  const prompts = h("section", { class: "stack prompts", hidden: true });
  const showPrompts = async () => {
    const texts = await recentPrompts(organization().id, signal);
    prompts.hidden = !texts.length;
    render(prompts, h("h2", {}, t("create.prompts")), promptChips(texts));
  };

  const showRecent = async () => {
    const { items } = await loadLibrary({}, { first: RECENT }, signal);
    const ids = () => items.map((entry) => entry.track.id);
    render(recent, items.map((entry) => trackRow(entry, ids, signal)));
    recentSection.hidden = !items.length;
    examples.hidden = items.length > 0;
  };
  const recentSection = h("section", { class: "stack", hidden: true }, h("h2", {}, t("create.recent")), recent);
  const tryRecent = () => {
    void showPrompts().catch(() => {}); // they are only a convenience
    void showRecent().catch(() => {
      // the examples need no server
      examples.hidden = recent.childElementCount > 0;
    });
  };
  jobEvents.addEventListener("finished", tryRecent, { signal });
  tryRecent();

  const continues = seedTrackId && h("div", {}, canContinue, cannotContinue);
  return h("div", { class: "create" }, h("h1", {}, t("create.title")), continues, form, problem, reading, examples, recentSection, prompts);
}

/** @typedef {ReturnType<typeof organization>["engines"][number]} Engine */

/** @param {Engine} engine @param {Api.RequestField} field */
const capability = (engine, field) => engine.capabilities.find((each) => each.field === field);

/** @param {Engine} engine @param {Api.RequestField} field */
const isSupported = (engine, field) => capability(engine, field)?.support !== "UNSUPPORTED";

/** Create the fields of more options; `show` disables those that an engine refuses, and says why. */
function optionFields() {
  const tempo = h("input", { type: "number", min: "20", max: "400", step: "any", placeholder: t("create.auto") });
  const key = h("input", { type: "text", placeholder: t("create.auto") });
  const include = h("input", { type: "text", placeholder: t("create.auto") });
  const exclude = h("input", { type: "text" });
  const intensity = h("input", { type: "range", min: "0", max: "1", step: "0.05", value: "0.5" });
  const intensityValue = h("span", { class: "hint number" }, t("create.auto"));
  const seed = h("input", { type: "number", min: "0", step: "1", placeholder: t("create.auto") });
  const lyrics = h("textarea", { rows: 4, maxLength: 5000 });
  const language = h("input", { type: "text", maxLength: 35, placeholder: t("create.languageAuto") });
  let hasIntensity = false;
  let engine = /** @type {Engine | undefined} */ (undefined);
  intensity.addEventListener("input", () => {
    hasIntensity = true;
    intensityValue.textContent = `${number(100 * Number(intensity.value))} %`;
  });
  const names = (/** @type {HTMLInputElement} */ field) =>
    field.disabled ? [] : field.value.split(",").map((name) => name.trim()).filter(Boolean);
  const fields = /** @type {const} */ ([
    ["TEMPO_BPM", tempo, null],
    ["KEY", key, "create.keyHint"],
    ["INCLUDE_INSTRUMENTS", include, "create.listHint"],
    ["EXCLUDE_INSTRUMENTS", exclude, "create.listHint"],
    ["INTENSITY", intensity, null],
    ["SEED", seed, "create.seedHint"],
    ["LYRICS", lyrics, null],
    ["LYRICS_LANGUAGE", language, "create.languageHint"],
  ]);
  const labels = fields.map(([field, input, text]) => {
    const hint = field === "INTENSITY" ? intensityValue : h("span", { class: "hint" }, text && t(text));
    const reason = h("span", { class: "hint" });
    const show = (/** @type {Engine} */ shown) => {
      const { support, note } = capability(shown, field) ?? {};
      const isSung = field === "LYRICS" || field === "LYRICS_LANGUAGE";
      const isRefused = support === "UNSUPPORTED" || (isSung && !shown.supportsLyrics);
      const message = isRefused ? "support.refused" : support === "IGNORED" ? "support.noEffect" : null;
      input.disabled = isRefused;
      hint.hidden = isRefused;
      element.hidden = isRefused && field === "LYRICS_LANGUAGE";
      reason.textContent = message && [t(message, { engine: shown.name }), note].filter(Boolean).join(" ");
    };
    const element = h("label", {}, fieldName(field), input, hint, reason);
    return { element, show };
  });
  const values = () => {
    /** @type {Record<string, unknown>} */
    const found = {};
    // else the report of every track says that the engine does not sing
    if (engine && !engine.supportsVocals && isSupported(engine, "INSTRUMENTAL")) found.instrumental = true;
    if (tempo.value && !tempo.disabled) found.tempoBpm = Number(tempo.value);
    if (key.value.trim() && !key.disabled) found.key = key.value.trim();
    if (lyrics.value.trim() && !lyrics.disabled) found.lyrics = lyrics.value;
    if (found.lyrics && language.value.trim() && !language.disabled) found.lyricsLanguage = language.value.trim();
    if (hasIntensity && !intensity.disabled) found.intensity = Number(intensity.value);
    if (seed.value && !seed.disabled) found.seed = Number(seed.value);
    const instruments = { include: names(include), exclude: names(exclude) };
    if (instruments.include.length || instruments.exclude.length) found.instruments = instruments;
    return found;
  };
  const show = (/** @type {Engine} */ shown) => {
    engine = shown;
    for (const label of labels) label.show(shown);
  };
  return { element: h("div", { class: "options" }, labels.map((each) => each.element)), values, show };
}

/** @param {Awaited<ReturnType<typeof fieldSupport>>} support */
function supportOf(support) {
  const lines = /** @type {const} */ (["APPROXIMATED", "IGNORED"]).flatMap((each) =>
    withSupport(support, each).map(({ field, note }) => `${t(`support.${each}`)}: ${fieldName(field)}. ${note ?? ""}`),
  );
  if (!lines.length) return [];
  const items = lines.map((line) => h("li", {}, line));
  return [h("h2", {}, t("create.reading")), h("ul", { class: "stack quiet", role: "list" }, items)];
}

/** @param {NonNullable<Awaited<ReturnType<typeof explainPrompt>>>} reading */
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
      t(instruments.isExclusive ? "reading.solo" : "reading.with", { names: instruments.included.join(", ") }),
    instruments.excluded.length && t("reading.without", { names: instruments.excluded.join(", ") }),
    ...reading.transformations.map((each) => each.words),
    ...reading.sections,
  ].filter(Boolean);
  const warnings = [
    reading.refusalReason,
    ...reading.wordsApproximated.map((each) => t("reading.approximated", each)),
    reading.wordsIgnored.length && t("reading.ignored", { words: reading.wordsIgnored.join(", ") }),
    ...reading.remarks.map(remarkText),
  ].filter(Boolean);
  return [
    h("h2", {}, t("create.reading")),
    h("ul", { class: "chips", role: "list" }, [...new Set(facts)].map((fact) => h("li", { class: "chip" }, String(fact)))),
    h("ul", { class: "stack quiet", role: "list" }, warnings.map((warning) => h("li", {}, warning))),
  ];
}
