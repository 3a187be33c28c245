// A form is sent once, however often it is pressed: by HTMX, by the browser itself, by key or by touch. HTMX would keep a second
// press and send it after the first, so that it is stopped before HTMX hears of it.

const sending = new WeakSet();
// Sent, and the page that the server named is on its way: until it is there the form can still be pressed.
const leaving = new Set();

function mark(form, busy) {
  for (const button of form.querySelectorAll("button:not([type=button]), input[type=submit]")) {
    if (busy) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
  if (busy) form.setAttribute("aria-busy", "true");
  else form.removeAttribute("aria-busy");
}

function begin(form) {
  sending.add(form);
  mark(form, true);
}

function release(form) {
  sending.delete(form);
  mark(form, false);
}

const isForm = (element) => element instanceof HTMLFormElement;

export function isOnItsWay(form) {
  return sending.has(form);
}

// HTMX itself says so of answers only that it puts into the page.
export const isAnswered = (xhr) => xhr.status >= 200 && xhr.status < 400;
export const leadsOn = (xhr) => Boolean(xhr.getResponseHeader("HX-Location") ?? xhr.getResponseHeader("HX-Redirect"));

function stopSecond(event) {
  if (!sending.has(event.target)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

// What HTMX does not send, the browser does: the page goes, and comes back out of its memory as it was.
function beginPlain(event) {
  if (!event.defaultPrevented && event.target.method === "post") begin(event.target);
}

function arrived({ detail }) {
  const { elt, xhr } = detail;
  if (isForm(elt) && isAnswered(xhr) && leadsOn(xhr)) return leaving.add(elt);
  if (isForm(elt)) return release(elt);
  if (!isAnswered(xhr)) leaving.forEach(release);
  leaving.clear();
}

export function sendOnce() {
  document.addEventListener("submit", stopSecond, { capture: true });
  addEventListener("submit", beginPlain);
  document.addEventListener("htmx:beforeRequest", ({ detail }) => isForm(detail.elt) && begin(detail.elt));
  document.addEventListener("htmx:afterRequest", arrived);
  addEventListener("pageshow", ({ persisted }) => persisted && document.querySelectorAll("form[aria-busy]").forEach(release));
}
