// Going from page to page without a reload: focus, scroll and the marks of where one is stay right.

const WHOLE = /^\/project\/[^/]+\/(newtask|presenter|tutorial|task\/)|^\/account\/(signout|signin|register)|export|^\/uploads\//;

// Pages in a frame of their own, downloads, and those that change who is asking are loaded as a whole.
export function keepWholePages() {
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { boosted, requestConfig, elt } = event.detail;
    if (!boosted || requestConfig.verb !== "get" || !WHOLE.test(new URL(requestConfig.path, location.href).pathname)) return;
    event.preventDefault();
    location.assign(elt.href ?? requestConfig.path);
  });
}

function markSection() {
  const section = document.getElementById("page-facts")?.dataset.section;
  for (const link of document.querySelectorAll("[data-section]")) {
    if (link.tagName !== "A") continue;
    if (link.dataset.section === section) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

// The first wrong field, or the page's beginning: where a keyboard or a screen reader goes on from.
function placeFocus(target, keepScroll) {
  const wrong = target.querySelector("[aria-invalid=true]");
  if (wrong) return wrong.focus();
  if (keepScroll) return;
  document.getElementById("main")?.focus({ preventScroll: true });
  scrollTo(0, 0);
}

export function afterSwap() {
  document.addEventListener("htmx:afterSettle", (event) => {
    markSection();
    const { elt, requestConfig } = event.detail;
    const from = requestConfig?.elt;
    const keepScroll = Boolean(from?.closest?.("[data-keep-scroll]")) || !requestConfig?.boosted;
    placeFocus(elt ?? document.body, keepScroll);
  });
}
