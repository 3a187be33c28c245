// An import's progress as the server tells it; where there is no stream, the page asks now and then.

const POLL_MS = 3000;
const ENDED = ["done", "failed"];

/** @param {HTMLElement} part */
export function mount(part) {
  const { page = "", events = "" } = part.dataset;
  const hasEnded = () => {
    /** @type {HTMLElement | null} */
    const progress = part.querySelector("[data-state]");
    return ENDED.includes(progress?.dataset.state ?? "");
  };
  if (hasEnded()) return undefined;
  let timer = 0;
  let gone = false;

  // A request that fails is no matter: the next one tells as much.
  const show = () => window.htmx.ajax("get", page, { target: part, swap: "innerHTML" }).catch(() => undefined);

  async function poll() {
    await show();
    if (!gone && !hasEnded()) timer = setTimeout(poll, POLL_MS);
  }

  const stream = new EventSource(events);
  stream.onmessage = (event) => {
    if (ENDED.includes(JSON.parse(event.data).state)) stream.close();
    void show();
  };
  stream.onerror = () => {
    // A broken line is taken up again by the browser itself; a refused stream is not.
    if (stream.readyState === EventSource.CLOSED && !timer) void poll();
  };
  return () => {
    gone = true;
    stream.close();
    clearTimeout(timer);
  };
}
