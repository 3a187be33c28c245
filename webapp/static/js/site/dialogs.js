// Dialogs are opened by `data-opens="ID"` and closed by `data-closes-dialog`, messages by `data-closes`.

export function openDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.("[data-opens]");
    if (opener) {
      event.preventDefault();
      event.stopImmediatePropagation();
      document.getElementById(opener.dataset.opens)?.showModal();
    }
    event.target.closest?.("[data-closes-dialog]")?.closest("dialog")?.close();
    event.target.closest?.("[data-closes]")?.closest(".notice")?.remove();
  }, { capture: true });
}

// A menu of the page before must not stay open over the next one.
export function closeMenus() {
  document.addEventListener("htmx:beforeRequest", () => {
    for (const menu of document.querySelectorAll("[popover]:popover-open")) menu.hidePopover();
  });
}
