// Dialogs are opened by `data-opens="ID"` and closed by `data-closes-dialog`, messages by `data-closes`.

import { nearest, onHtmx } from "./events.js";

export function openDialogs() {
  document.addEventListener("click", (event) => {
    const opener = nearest(event, "[data-opens]");
    if (opener) {
      event.preventDefault();
      event.stopImmediatePropagation();
      const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById(opener.dataset.opens ?? ""));
      dialog?.showModal();
    }
    nearest(event, "[data-closes-dialog]")?.closest("dialog")?.close();
    nearest(event, "[data-closes]")?.closest(".notice")?.remove();
  }, { capture: true });
}

// A menu of the page before must not stay open over the next one.
export function closeMenus() {
  onHtmx("beforeRequest", () => {
    /** @type {NodeListOf<HTMLElement>} */
    const menus = document.querySelectorAll("[popover]:popover-open");
    for (const menu of menus) menu.hidePopover();
  });
}
