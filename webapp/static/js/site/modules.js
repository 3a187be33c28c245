// A part of a page that has a script of its own names it in `data-module`. The script is loaded when the part is shown;
// it exports `mount(part)`, which may return what is to be done when the part goes.

import htmx from "htmx.org";

const mounted = new WeakMap();

async function mount(part) {
  if (mounted.has(part)) return;
  mounted.set(part, null);
  const module = await import(part.dataset.module);
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
