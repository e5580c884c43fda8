/** Texts of the page in the language of the browser, and formats of numbers and times. */

import { recall, remember } from "./storage.js";

const KEY = "language";
const LANGUAGES = ["en", "de"];

/** The choice: a language, or "" for that of the browser. */
export const chosenLanguage = () => recall(KEY) ?? "";

/** @param {string} choice in force when the page is loaded again */
export const chooseLanguage = (choice) => remember(KEY, choice || null);

const preferred =
  [chosenLanguage(), ...navigator.languages].map((tag) => tag.slice(0, 2)).find((tag) => LANGUAGES.includes(tag)) ?? "en";

/** Code of the page's language. */
export const language = preferred;

document.documentElement.lang = language;

/** @typedef {typeof import("../texts/en.js").en} Texts */

/** @type {Texts} */
const texts = (await import(`../texts/${language}.js`))[language];

/**
 * Return a text; `{name}` is replaced by a value.
 *
 * @param {keyof Texts} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  return (texts[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/**
 * Return the text of a code of the API, such as a stage or the name of a stem; the code itself if there is none.
 *
 * @param {"field" | "section" | "stage" | "stem"} kind
 * @param {string} code
 */
export function term(kind, code) {
  const key = /** @type {keyof Texts} */ (`${kind}.${code.replace(/ \d+$/, "")}`);
  return texts[key] ?? code;
}

/** @typedef {{ field: string, support: string, note?: string | null }} FieldSupport */

/**
 * Return the name of a field of a request.
 *
 * @param {string} field
 */
export const fieldName = (field) => term("field", field);

/**
 * Return those fields of a request, beside the prompt, that are not simply honoured.
 *
 * @template {FieldSupport} Each
 * @param {Each[]} fields
 * @param {"APPROXIMATED" | "IGNORED"} support
 */
export const withSupport = (fields, support) => fields.filter((each) => each.field !== "PROMPT" && each.support === support);

/** Remarks come in English. @type {Record<string, string>} */
const remarks = language === "en" ? {} : (await import(`../texts/remarks.${language}.js`)).remarks;

/**
 * Return a remark of an engine in the language of the page.
 *
 * @param {{ code: string, text: string, words: string[] }} remark
 */
export const remarkText = ({ code, text, words }) =>
  remarks[code]?.replace(/\{(\d)\}/g, (_, place) => remarks[words[Number(place)]] ?? words[Number(place)]) ?? text;

const decimals = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
const dates = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });

/** @param {number} value */
export const number = (value) => decimals.format(value);

/** @param {string} time in ISO 8601 */
export const date = (time) => dates.format(new Date(time));

/**
 * Format seconds as minutes and seconds.
 *
 * @param {number | null | undefined} seconds
 */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–:––";
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** @param {number | string} chf */
export const money = (chf) =>
  new Intl.NumberFormat(language, { style: "currency", currency: "CHF", maximumFractionDigits: 4 }).format(Number(chf));
