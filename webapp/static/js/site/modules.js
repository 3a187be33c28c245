// A part of a page that has a script of its own names it in `data-module`. The script is loaded when the part is shown;
// it exports `mount(part)`, which may return what is to be done when the part goes. There are these scripts and no others:
// a name that somebody else has brought in leads nowhere.

import htmx from "htmx.org";

const MODULES = {
  editor: () => import("../editor/main.js"),
  guest: () => import("../guest/main.js"),
  home: () => import("../home/main.js"),
  importing: () => import("../importing/main.js"),
};
const mounted = new WeakMap();

async function mount(part) {
  if (mounted.has(part) || !Object.hasOwn(MODULES, part.dataset.module)) return;
  mounted.set(part, null);
  const module = await MODULES[part.dataset.module]();
  if (part.isConnected) mounted.set(part, await module.mount(part));
}

export function mountModules() {
  htmx.onLoad((root) => {
    const parts = [...(root.querySelectorAll?.("[data-module]") ?? [])];
    if (root.matches?.("[data-module]")) parts.push(root);
    parts.forEach(mount);
  });
  document.addEventListener("htmx:beforeCleanupElement", ({ detail }) => {
    const unmount = mounted.get(detail.elt);
    if (typeof unmount === "function") unmount();
    mounted.delete(detail.elt);
  });
}
