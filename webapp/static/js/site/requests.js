// What goes to the server: with the session's token, once a press, and with a word where the line is gone.

const sending = new WeakSet();

function addToken({ detail }) {
  const token = document.getElementById("page-facts")?.dataset.csrf;
  if (detail.verb !== "get" && token) detail.headers["X-CSRFToken"] = token;
}

// A second press while the first is on its way would do the thing twice.
function sendOnce(event) {
  const { elt } = event.detail;
  if (!elt.matches?.("form")) return;
  if (sending.has(elt)) return event.preventDefault();
  sending.add(elt);
  elt.setAttribute("aria-busy", "true");
}

function arrived(event) {
  sending.delete(event.detail.elt);
  event.detail.elt.removeAttribute?.("aria-busy");
}

// What a page asks for by itself, nobody waits for.
function sayOffline({ detail }) {
  if (detail.elt?.closest?.("[data-quiet]")) return;
  const words = document.getElementById("words-offline");
  document.getElementById("flashes")?.replaceChildren(words.content.cloneNode(true));
}

function showWaiting(event) {
  if (event.detail.boosted) document.documentElement.dataset.loading = "";
}

function endWaiting() {
  delete document.documentElement.dataset.loading;
}

export function guardRequests() {
  document.addEventListener("htmx:configRequest", addToken);
  document.addEventListener("htmx:beforeRequest", sendOnce);
  document.addEventListener("htmx:beforeRequest", showWaiting);
  document.addEventListener("htmx:afterRequest", arrived);
  document.addEventListener("htmx:afterRequest", endWaiting);
  document.addEventListener("htmx:sendError", sayOffline);
  document.addEventListener("htmx:timeout", sayOffline);
}
