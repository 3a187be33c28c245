// A form is sent once, however often it is pressed: by HTMX, by the browser itself, by key or by touch. HTMX would keep a second
// press and send it after the first, so that it is stopped before HTMX hears of it.

import { onHtmx } from "./events.js";

/** @type {WeakSet<HTMLFormElement>} */
const sending = new WeakSet();
/**
 * Sent, and the page that the server named is on its way: until it is there the form can still be pressed.
 * @type {Set<HTMLFormElement>}
 */
const leaving = new Set();

/** @param {HTMLFormElement} form @param {boolean} busy */
function mark(form, busy) {
  for (const button of form.querySelectorAll("button:not([type=button]), input[type=submit]")) {
    if (busy) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
  if (busy) form.setAttribute("aria-busy", "true");
  else form.removeAttribute("aria-busy");
}

/** @param {HTMLFormElement} form */
function begin(form) {
  sending.add(form);
  mark(form, true);
}

/** @param {HTMLFormElement} form */
function release(form) {
  sending.delete(form);
  mark(form, false);
}

/** @type {(element: unknown) => element is HTMLFormElement} */
const isForm = (element) => element instanceof HTMLFormElement;

/** @param {HTMLFormElement} form */
export function isOnItsWay(form) {
  return sending.has(form);
}

/** HTMX itself says so of answers only that it puts into the page. @param {XMLHttpRequest} xhr */
export const isAnswered = (xhr) => xhr.status >= 200 && xhr.status < 400;
/** @param {XMLHttpRequest} xhr */
export const leadsOn = (xhr) => Boolean(xhr.getResponseHeader("HX-Location") ?? xhr.getResponseHeader("HX-Redirect"));

/** @param {SubmitEvent} event */
function stopSecond(event) {
  if (!isForm(event.target) || !sending.has(event.target)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

/**
 * What HTMX does not send, the browser does: the page goes, and comes back out of its memory as it was.
 * @param {SubmitEvent} event
 */
function beginPlain(event) {
  if (!event.defaultPrevented && isForm(event.target) && event.target.method === "post") begin(event.target);
}

/** @param {CustomEvent} event */
function arrived({ detail }) {
  const { elt, xhr } = detail;
  if (isForm(elt) && isAnswered(xhr) && leadsOn(xhr)) leaving.add(elt);
  else if (isForm(elt)) release(elt);
  else {
    if (!isAnswered(xhr)) leaving.forEach(release);
    leaving.clear();
  }
}

export function sendOnce() {
  document.addEventListener("submit", stopSecond, { capture: true });
  addEventListener("submit", beginPlain);
  onHtmx("beforeRequest", ({ detail }) => isForm(detail.elt) && begin(detail.elt));
  onHtmx("afterRequest", arrived);
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    /** @type {NodeListOf<HTMLFormElement>} */
    const busy = document.querySelectorAll("form[aria-busy]");
    busy.forEach(release);
  });
}
