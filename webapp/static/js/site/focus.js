// Where a keyboard or a screen reader goes on from: the first wrong field, what asks for it, or the page's title.

const WRONG = "[aria-invalid=true]";

/** @param {HTMLElement} root */
export function placeFocus(root, { keepsScroll = false, onlyErrors = false } = {}) {
  /** @type {HTMLElement | null} */
  const wrong = root.querySelector(WRONG);
  if (wrong) return (wrong.matches("fieldset") ? wrong.querySelector("input") : wrong)?.focus();
  if (onlyErrors) return;
  /** @param {string} selector @returns {HTMLElement | null} */
  const find = (selector) => root.querySelector(selector);
  const tab = keepsScroll ? find("[data-keep-scroll][aria-current]") : null;
  const wanted = tab ?? find("[autofocus]") ?? find("h1") ?? root;
  if (!wanted.matches("a, button, input, select, textarea")) wanted.tabIndex = -1;
  wanted.focus({ preventScroll: true });
}

// A form that came back by a plain request has its errors in sight too.
export function placeFocusAtStart() {
  /** @type {HTMLElement | null} */
  const wrong = document.querySelector(`main ${WRONG}`);
  wrong?.focus();
}
