/** Light or dark, as the system or as chosen here. */

import { recall, remember } from "./storage.js";

const KEY = "theme";

/** Dispatches "change" when the page becomes light or dark. */
export const appearance = new EventTarget();

/** The choice: "light", "dark", or "" for that of the system. */
export const chosenTheme = () => recall(KEY) ?? "";

/** @param {string} theme */
export function chooseTheme(theme) {
  remember(KEY, theme || null);
  apply();
}

function apply() {
  const theme = chosenTheme();
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  appearance.dispatchEvent(new Event("change"));
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", apply);
// another tab
addEventListener("storage", ({ key }) => key === KEY && apply());
apply();
