// A page with a document, for modules that draw: happy-dom's, with its classes as globals.

import { HTMLOptionElement, Window } from "happy-dom";

import { define } from "./page.js";

const GLOBALS = /** @type {const} */ ([
  "document", "location", "history", "navigator", "localStorage", "sessionStorage", "Element", "HTMLElement", "HTMLFormElement",
  "HTMLSelectElement", "HTMLInputElement", "HTMLMediaElement", "Node", "KeyboardEvent",
]);

// happy-dom lacks it.
Object.defineProperty(HTMLOptionElement.prototype, "defaultSelected", {
  get() {
    return this.hasAttribute("selected");
  },
});

/** @param {string} html of the body */
export function openDocument(html, { url = "http://site.test/project/words/settings" } = {}) {
  const window = new Window({ url, settings: { disableIframePageLoading: true, disableJavaScriptFileLoading: true } });
  window.document.body.innerHTML = html;
  define(Object.fromEntries(GLOBALS.map((name) => [name, window[name]])));
  define({
    window,
    self: window,
    addEventListener: window.addEventListener.bind(window),
    Event: window.Event,
    CustomEvent: window.CustomEvent,
  });
  return window;
}
