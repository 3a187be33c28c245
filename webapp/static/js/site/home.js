// The home page's counters go on counting while somebody looks at them.

const PAUSE_MS = 30_000;

/** @param {HTMLElement} part */
async function refresh(part) {
  if (document.hidden) return;
  const response = await fetch("/api/globalstats");
  if (!response.ok) return;
  const totals = await response.json();
  const written = new Intl.NumberFormat(document.documentElement.lang);
  /** @type {NodeListOf<HTMLElement>} */
  const counters = part.querySelectorAll("[data-counts]");
  for (const counter of counters) counter.textContent = written.format(totals[counter.dataset.counts ?? ""]);
}

/** @param {HTMLElement} part */
export function mount(part) {
  // A line that is down for a while leaves the numbers as they were.
  const timer = setInterval(() => refresh(part).catch(() => {}), PAUSE_MS);
  return () => clearInterval(timer);
}
