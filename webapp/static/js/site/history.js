// Back and forward: the server is asked anew, so that nobody sees a page of a session that has ended; the place on the
// page comes back from the entry of the browser's history.

import htmx from "htmx.org";
import { onHtmx } from "./events.js";
import { markSection } from "./sections.js";
import { accept, markOfFetched } from "./trust.js";

const SCROLL_PAUSE_MS = 150;
let latest = 0;
let wantedScroll = 0;

export function rememberScroll() {
  history.replaceState({ ...history.state, htmx: true, scroll: scrollY }, "");
}

/** @param {string} path */
async function load(path) {
  const headers = { "HX-Request": "true", "HX-History-Restore-Request": "true" };
  const response = await fetch(path, { headers });
  return markOfFetched(response) === "page" ? response.text() : null;
}

/** @param {CustomEvent} event */
async function restore(event) {
  event.preventDefault();
  const asked = ++latest;
  const scroll = wantedScroll;
  let text = null;
  try {
    text = await load(event.detail.path);
  } catch {
    // No line: the browser's own reload says so, and tries again when asked.
  }
  if (asked !== latest) return;
  if (text === null) return location.reload();
  accept(text);
  htmx.swap("#main", text, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 }, { select: "#main" });
  markSection();
  scrollTo({ top: scroll, behavior: "instant" });
  rememberScroll();
}

export function goBackAndForward() {
  let pause = 0;
  history.scrollRestoration = "manual";
  const [navigation] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
  if (navigation?.type !== "navigate") scrollTo(0, history.state?.scroll ?? 0);
  onHtmx("historyCacheMiss", restore);
  // HTMX writes its own state over the entry's as it goes back, so the place is read before.
  addEventListener("popstate", (event) => {
    clearTimeout(pause);
    wantedScroll = event.state?.scroll ?? 0;
  });
  addEventListener("scroll", () => {
    clearTimeout(pause);
    pause = setTimeout(() => history.replaceState({ ...history.state, scroll: scrollY }, ""), SCROLL_PAUSE_MS);
  }, { passive: true });
}
