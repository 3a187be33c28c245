// A part of a page that has a script of its own names it in `data-module`. The script is loaded when the part is shown;
// it exports `mount(part)`, which may return what is to be done when the part goes. There are these scripts and no others:
// a name that somebody else has brought in leads nowhere.

import { onHtmx } from "./events.js";
import { mount as mountHome } from "./home.js";

/** @typedef {{ mount: (part: HTMLElement) => (() => void) | void }} Module */
/** @type {Record<string, () => Promise<Module>>} */
const MODULES = {
  editor: () => import("../editor/main.js"),
  following: () => import("../following/main.js"),
  guest: () => import("../guest/main.js"),
  // A few lines, for the page that most people see first: with the others, not by a request of its own.
  home: () => Promise.resolve({ mount: mountHome }),
  choosing: () => import("../choosing/main.js"),
  importing: () => import("../importing/main.js"),
  passkeys: () => import("../passkeys/main.js"),
};
/** @type {WeakMap<HTMLElement, (() => void) | void>} */
const mounted = new WeakMap();

/** @param {HTMLElement} part */
async function mount(part) {
  const { module: name = "" } = part.dataset;
  if (mounted.has(part) || !Object.hasOwn(MODULES, name)) return;
  mounted.set(part, undefined);
  const module = await MODULES[name]();
  if (part.isConnected) mounted.set(part, module.mount(part));
}

export function mountModules() {
  onHtmx("load", ({ detail: { elt } }) => {
    /** @type {NodeListOf<HTMLElement>} */
    const parts = elt.querySelectorAll("[data-module]");
    for (const part of parts) void mount(part);
    if (elt.matches("[data-module]")) void mount(elt);
  });
  onHtmx("beforeCleanupElement", ({ detail }) => {
    mounted.get(detail.elt)?.();
    mounted.delete(detail.elt);
  });
}
