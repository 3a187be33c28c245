// What goes to the server: with the session's token, and with a word where the line is gone.

import { onHtmx } from "./events.js";

/** @param {CustomEvent} event */
function addToken({ detail }) {
  const token = document.getElementById("page-facts")?.dataset.csrf;
  if (detail.verb !== "get" && token) detail.headers["X-CSRFToken"] = token;
}

/** What a page asks for by itself, nobody waits for. @param {CustomEvent} event */
function sayOffline({ detail }) {
  if (detail.elt?.closest?.("[data-quiet]")) return;
  const words = /** @type {HTMLTemplateElement} */ (document.getElementById("words-offline"));
  document.getElementById("flashes")?.replaceChildren(words.content.cloneNode(true));
}

/** @param {CustomEvent} event */
function showWaiting({ detail }) {
  if (detail.boosted) document.documentElement.dataset.loading = "";
}

function endWaiting() {
  delete document.documentElement.dataset.loading;
}

export function guardRequests() {
  onHtmx("configRequest", addToken);
  onHtmx("beforeRequest", showWaiting);
  onHtmx("afterRequest", endWaiting);
  onHtmx("sendError", sayOffline);
  onHtmx("timeout", sayOffline);
}
