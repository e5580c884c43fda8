/** The audio that a track is made from: a file with a declaration of rights, and what the engine does with it. */

import { deleteReferenceAudio, uploadReferenceAudio } from "../api/reference-audios.js";
import { h, render } from "../app/dom.js";
import { describe } from "../app/messages.js";
import { duration, fieldName, t } from "../app/texts.js";

const BASES = /** @type {const} */ (["OWN_WORK", "LICENSED", "PUBLIC_DOMAIN"]);
const TASKS = /** @type {const} */ (["COVER", "REPAINT", "LEGO", "EXTRACT", "COMPLETE"]);
const PARTS = /** @type {const} */ ([
  "VOCALS", "BACKING_VOCALS", "DRUMS", "BASS", "GUITAR", "KEYBOARD",
  "PERCUSSION", "STRINGS", "SYNTH", "FX", "BRASS", "WOODWINDS",
]);

/**
 * Create the fields. `values` are those of the request, with its duration; `show` offers the tasks of an engine.
 *
 * @param {() => void} onChange
 */
export function sourceFields(onChange) {
  /** @type {Awaited<ReturnType<typeof uploadReferenceAudio>> | null} */
  let uploaded = null;
  const file = h("input", { type: "file", accept: "audio/*,.mp3,.flac,.wav,.ogg" });
  const basis = h("select", {}, BASES.map((each) => h("option", { value: each }, t(`rights.${each}`))));
  const statement = h("input", { type: "text", maxLength: 1000 });
  const upload = h("button", { class: "button", type: "button" }, t("source.upload"));
  const problem = h("p", { class: "quiet", role: "status" });
  const task = h("select");
  const strength = h("input", { type: "range", min: "0", max: "1", step: "0.05", value: "1" });
  const start = h("input", { type: "number", min: "0", step: "any", value: "0" });
  const end = h("input", { type: "number", min: "0", step: "any" });
  const part = h("select", {}, PARTS.map((each) => h("option", { value: each }, t(`part.${each}`))));
  const statementLabel = h("label", {}, t("source.statement"), statement);
  const label = (/** @type {Parameters<typeof t>[0]} */ name, /** @type {HTMLElement} */ input) => h("label", {}, t(name), input);
  const ofCover = label("source.strength", strength);
  const ofRepaint = [label("source.start", start), label("source.end", end)];
  const ofParts = label("source.part", part);
  const title = h("span", {});
  const remove = h("button", { class: "button", type: "button" }, t("source.remove"));
  const before = h("div", { class: "options" }, label("source.file", file), label("source.basis", basis), statementLabel, upload);
  const after = h("div", { class: "options", hidden: true }, h("p", {}, title, " ", remove), label("source.task", task), ofCover, ofRepaint, ofParts);
  const element = h("fieldset", { class: "source", hidden: true }, h("legend", {}, fieldName("SOURCE")), before, after, problem);

  const update = () => {
    before.hidden = uploaded !== null;
    after.hidden = uploaded === null;
    statementLabel.hidden = basis.value !== "LICENSED";
    ofCover.hidden = task.value !== "COVER";
    for (const each of ofRepaint) each.hidden = task.value !== "REPAINT";
    ofParts.hidden = !["LEGO", "EXTRACT", "COMPLETE"].includes(task.value);
    if (uploaded) title.textContent = `${uploaded.name}, ${duration(uploaded.seconds)}`;
  };
  const send = async () => {
    const chosen = file.files?.[0];
    if (!chosen) return file.focus();
    upload.disabled = true;
    render(problem, t("source.uploading"));
    try {
      const rights = { basis: /** @type {Api.RightsBasis} */ (basis.value), statement: statement.value.trim() || undefined };
      uploaded = await uploadReferenceAudio(chosen, rights);
      end.value = String(uploaded.seconds);
      render(problem);
      update();
      onChange();
    } catch (error) {
      render(problem, describe(error));
    }
    upload.disabled = false;
  };
  upload.addEventListener("click", () => void send());
  remove.addEventListener("click", () => {
    if (uploaded) void deleteReferenceAudio(uploaded.id).catch(() => {});
    uploaded = null;
    file.value = "";
    update();
    onChange();
  });
  for (const each of [basis, task]) each.addEventListener("change", update);

  const show = (/** @type {readonly string[]} */ tasks) => {
    const offered = TASKS.filter((each) => tasks.includes(each.toLowerCase()));
    element.hidden = !offered.length;
    render(task, offered.map((each) => h("option", { value: each }, t(`task.${each}`))));
    update();
  };
  const source = () => {
    /** @type {Api.SourceInput} */
    const found = { task: /** @type {Api.SourceTask} */ (task.value), referenceAudioId: uploaded?.id };
    if (task.value === "COVER") found.strength = Number(strength.value);
    else if (task.value === "REPAINT") Object.assign(found, { startSeconds: Number(start.value), endSeconds: Number(end.value) });
    else found.parts = [/** @type {Api.SourcePart} */ (part.value)];
    return found;
  };
  /** The whole seconds of the source, or null without one. */
  const seconds = () => (uploaded && !element.hidden ? Math.ceil(uploaded.seconds) : null);
  const values = () => {
    const durationSeconds = seconds();
    return durationSeconds === null ? {} : { source: source(), durationSeconds };
  };
  return { element, values, seconds, show };
}
