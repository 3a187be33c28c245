// Dialogs are opened by `data-opens="ID"`, closed by `data-closes-dialog`; messages by `data-closes`.

export function openDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.("[data-opens]");
    if (opener) {
      event.preventDefault();
      document.getElementById(opener.dataset.opens)?.showModal();
    }
    event.target.closest?.("[data-closes-dialog]")?.closest("dialog")?.close();
    const message = event.target.closest?.("[data-closes]")?.closest(".notice");
    message?.remove();
  });
}

// A menu or dialog of the page before must not stay open over the next one.
export function closeOnRequest() {
  document.addEventListener("htmx:beforeRequest", () => {
    for (const menu of document.querySelectorAll("[popover]:popover-open")) menu.hidePopover();
  });
}
