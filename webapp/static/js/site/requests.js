// What goes to the server: with the session's token, and with a word where the line is gone.

function addToken({ detail }) {
  const token = document.getElementById("page-facts")?.dataset.csrf;
  if (detail.verb !== "get" && token) detail.headers["X-CSRFToken"] = token;
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
  document.addEventListener("htmx:beforeRequest", showWaiting);
  document.addEventListener("htmx:afterRequest", endWaiting);
  document.addEventListener("htmx:sendError", sayOffline);
  document.addEventListener("htmx:timeout", sayOffline);
}
