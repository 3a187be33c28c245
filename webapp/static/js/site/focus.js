// Where a keyboard or a screen reader goes on from: the first wrong field, what asks for it, or the page's title.

const WRONG = "[aria-invalid=true]";

export function placeFocus(root, { keepsScroll = false, onlyErrors = false } = {}) {
  const wrong = root?.querySelector?.(WRONG);
  if (wrong) return (wrong.matches("fieldset") ? wrong.querySelector("input") : wrong).focus();
  if (onlyErrors) return;
  const tab = keepsScroll && root.querySelector("[data-keep-scroll][aria-current]");
  const wanted = tab || root.querySelector("[autofocus]") || root.querySelector("h1") || root;
  if (!wanted.matches("a, button, input, select, textarea")) wanted.tabIndex = -1;
  wanted.focus({ preventScroll: true });
}

// A form that came back by a plain request has its errors in sight too.
export function placeFocusAtStart() {
  document.querySelector(`main ${WRONG}`)?.focus();
}
