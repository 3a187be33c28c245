// An import's progress as the server tells it; where the stream breaks, the page asks now and then.

const POLL = 3000;
const ENDED = ["done", "failed"];

function refresh(part) {
  return window.htmx.ajax("GET", part.dataset.page, { target: part, swap: "innerHTML" });
}

export function mount(part) {
  if (ENDED.includes(part.dataset.state)) return;
  let timer = 0;
  const stream = new EventSource(part.dataset.events);
  const poll = async () => {
    await refresh(part);
    timer = setTimeout(poll, POLL);
  };
  stream.onmessage = async (event) => {
    const now = JSON.parse(event.data);
    await refresh(part);
    if (ENDED.includes(now.state)) stream.close();
  };
  stream.onerror = () => {
    if (stream.readyState === EventSource.CLOSED && !timer) poll();
  };
}
