// How far a project is, as answers come: the part of the page that shows it asks anew when the stream says so. Where there
// is no stream, it asks every now and then, as it does anyway.

/** @param {HTMLElement} part */
export function mount(part) {
  const stream = new EventSource(part.dataset.stream ?? "");
  stream.onmessage = (event) => {
    const shown = part.querySelector("#project-progress");
    if (shown && JSON.parse(event.data).type === "progress") window.htmx.trigger(shown, "progress");
  };
  return () => stream.close();
}
