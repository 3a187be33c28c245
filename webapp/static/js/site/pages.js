// From page to page without a reload: the answer is a whole page, and its main part replaces the one that is shown.

import { onHtmx } from "./events.js";
import { placeFocus } from "./focus.js";
import { rememberScroll } from "./history.js";
import { markSection, showCurrent } from "./sections.js";
import { accept, markOf } from "./trust.js";

/** @import { HtmxBeforeSwapDetails } from "htmx.org" */

const MAIN = "main";
const ALONE = /^\/project\/[^/]+\/(newtask|presenter|tutorial|task\/|frame)|^\/account\/(signout|signin|register)|\/export(\/|$)|^\/(uploads|static|api)\//;

/**
 * Pages in a frame of their own, downloads, and those that change who is asking are loaded by the browser itself.
 * @param {CustomEvent} event
 */
function leaveAlone(event) {
  const { verb, elt } = event.detail;
  if (verb !== "get" || !(elt instanceof HTMLAnchorElement) || !ALONE.test(elt.pathname)) return;
  event.preventDefault();
  location.assign(elt.href);
}

/**
 * Whatever goes to the main part asks for the whole page, so that its layout comes along.
 * @param {CustomEvent} event
 */
function askForWholePage({ detail }) {
  if (detail.target?.id !== MAIN) return;
  delete detail.headers["HX-Target"];
  detail.headers["HX-Boosted"] = "true";
}

/**
 * What cannot become a part of this page is opened by the browser, which knows what to make of it, if somebody asked to go there.
 * @param {HtmxBeforeSwapDetails} detail
 */
function leave(detail) {
  const { xhr, requestConfig } = detail;
  detail.shouldSwap = false;
  if (requestConfig.verb === "get") location.assign(xhr.responseURL || requestConfig.path);
}

/** @param {CustomEvent<HtmxBeforeSwapDetails>} event */
function replaceMain({ detail }) {
  const { xhr, requestConfig } = detail;
  const wholePage = requestConfig.boosted || detail.target.id === MAIN || xhr.status >= 400;
  if (!detail.shouldSwap) return;
  const mark = markOf(xhr);
  if (mark === "page" || (mark === "part" && !wholePage)) accept(xhr.response);
  else return leave(detail);
  if (!wholePage) return;
  detail.target = /** @type {HTMLElement} */ (document.getElementById(MAIN));
  detail.selectOverride = `#${MAIN}`;
  detail.swapOverride = "outerHTML transition:true";
}

/**
 * A swap of the whole page goes to its beginning; where tabs only change what is below them, the place is kept.
 * @param {CustomEvent} event
 */
function settle(event) {
  const { elt, requestConfig } = event.detail;
  markSection();
  showCurrent();
  if (!(elt instanceof HTMLElement)) return;
  if (elt.id !== MAIN) return placeFocus(elt, { onlyErrors: true });
  const from = requestConfig?.elt;
  const keepsScroll = Boolean(from?.matches?.("[data-keep-scroll]"));
  const anchored = (requestConfig?.path ?? "").includes("#");
  if (!keepsScroll && !anchored) scrollTo({ top: 0, behavior: "instant" });
  placeFocus(elt, { keepsScroll });
}

export function showWholePages() {
  showCurrent();
  onHtmx("confirm", leaveAlone);
  onHtmx("configRequest", askForWholePage);
  onHtmx("beforeSwap", replaceMain);
  onHtmx("beforeHistoryUpdate", rememberScroll);
  onHtmx("afterSettle", settle);
}
