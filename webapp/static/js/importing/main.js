// An import's progress as the server tells it; where there is no stream, the page asks now and then.

const POLL_MS = 3000;
const ENDED = ["done", "failed"];

export function mount(part) {
  const hasEnded = () => ENDED.includes(part.querySelector("[data-state]").dataset.state);
  if (hasEnded()) return undefined;
  let timer = 0;
  let gone = false;

  // A request that fails is no matter: the next one tells as much.
  const show = () =>
    window.htmx.ajax("GET", part.dataset.page, { target: part, swap: "innerHTML" }).catch(() => undefined);

  async function poll() {
    await show();
    if (!gone && !hasEnded()) timer = setTimeout(poll, POLL_MS);
  }

  const stream = new EventSource(part.dataset.events);
  stream.onmessage = (event) => {
    if (ENDED.includes(JSON.parse(event.data).state)) stream.close();
    show();
  };
  stream.onerror = () => {
    // A broken line is taken up again by the browser itself; a refused stream is not.
    if (stream.readyState === EventSource.CLOSED && !timer) poll();
  };
  return () => {
    gone = true;
    stream.close();
    clearTimeout(timer);
  };
}
