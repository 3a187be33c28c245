// What people choose for this browser: theme and language, kept in cookies that the server reads.

import { nearest } from "./events.js";

const YEAR = 365 * 24 * 3600;

/** @param {string} name @param {string} value */
function remember(name, value) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `${name}=${value}; path=/; max-age=${value ? YEAR : 0}; samesite=lax${secure}`;
}

/** @param {string} theme */
function show(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  /** @type {NodeListOf<HTMLElement>} */
  const buttons = document.querySelectorAll("[data-theme-choice]");
  for (const button of buttons) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
  }
}

export function switchTheme() {
  document.addEventListener("click", (event) => {
    const theme = nearest(event, "[data-theme-choice]")?.dataset.themeChoice;
    if (theme === undefined) return;
    remember("theme", theme);
    show(theme);
  });
}

export function rememberLanguage() {
  document.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLSelectElement && target.matches("[data-language]"))) return;
    remember("language", target.value);
    location.reload();
  });
}
