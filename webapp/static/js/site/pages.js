// From page to page without a reload: the answer is a whole page, and its main part replaces the one that is shown.

import { placeFocus } from "./focus.js";
import { rememberScroll } from "./history.js";
import { accept, markOf } from "./trust.js";

const MAIN = "main";
const ALONE = /^\/project\/[^/]+\/(newtask|presenter|tutorial|task\/|frame)|^\/account\/(signout|signin|register)|\/export(\/|$)|^\/(uploads|static|api)\//;

export function markSection() {
  const section = document.getElementById("page-facts")?.dataset.section;
  for (const link of document.querySelectorAll("a[data-section]")) {
    if (link.dataset.section === section) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

// Tabs and side navigation that are wider than the page: the current one comes into sight.
export function showCurrent(root) {
  for (const link of root.querySelectorAll(".tabs [aria-current], .side [aria-current]")) {
    const strip = link.parentElement;
    const { left, right, width } = link.getBoundingClientRect();
    const frame = strip.getBoundingClientRect();
    if (left < frame.left || right > frame.right) strip.scrollLeft += left - frame.left - (frame.width - width) / 2;
  }
}

// Pages in a frame of their own, downloads, and those that change who is asking are loaded by the browser itself.
function leaveAlone(event) {
  const { verb, elt } = event.detail;
  if (verb !== "get" || !(elt instanceof HTMLAnchorElement) || !ALONE.test(elt.pathname)) return;
  event.preventDefault();
  location.assign(elt.href);
}

// Whatever goes to the main part asks for the whole page, so that its layout comes along.
function askForWholePage({ detail }) {
  if (detail.target?.id !== MAIN) return;
  delete detail.headers["HX-Target"];
  detail.headers["HX-Boosted"] = "true";
}

// What cannot become a part of this page is opened by the browser, which knows what to make of it, if somebody asked to go
// there.
function leave(detail) {
  const { xhr, requestConfig } = detail;
  detail.shouldSwap = false;
  if (requestConfig.verb === "get") location.assign(xhr.responseURL || requestConfig.path);
}

function replaceMain(event) {
  const { detail } = event;
  const { xhr, requestConfig } = detail;
  const wholePage = requestConfig.boosted || detail.target.id === MAIN || xhr.status >= 400;
  if (!detail.shouldSwap) return;
  const mark = markOf(xhr);
  if (mark === "page" || (mark === "part" && !wholePage)) accept(xhr.response);
  else return leave(detail);
  if (!wholePage) return;
  detail.target = document.getElementById(MAIN);
  detail.selectOverride = `#${MAIN}`;
  detail.swapOverride = "outerHTML transition:true";
}

// A swap of the whole page goes to its beginning; where tabs only change what is below them, the place is kept.
function settle(event) {
  const { elt, requestConfig } = event.detail;
  markSection();
  showCurrent(document);
  if (elt?.id !== MAIN) return placeFocus(elt, { onlyErrors: true });
  const from = requestConfig?.elt;
  const keepsScroll = Boolean(from?.matches?.("[data-keep-scroll]"));
  const anchored = (requestConfig?.path ?? "").includes("#");
  if (!keepsScroll && !anchored) scrollTo({ top: 0, behavior: "instant" });
  placeFocus(elt, { keepsScroll });
}

export function showWholePages() {
  showCurrent(document);
  document.addEventListener("htmx:confirm", leaveAlone);
  document.addEventListener("htmx:configRequest", askForWholePage);
  document.addEventListener("htmx:beforeSwap", replaceMain);
  document.addEventListener("htmx:beforeHistoryUpdate", rememberScroll);
  document.addEventListener("htmx:afterSettle", settle);
}
