// The home page's counters go on counting while somebody looks at them.

const PAUSE_MS = 30_000;

async function refresh(part) {
  if (document.hidden) return;
  const response = await fetch("/api/globalstats");
  if (!response.ok) return;
  const totals = await response.json();
  const written = new Intl.NumberFormat(document.documentElement.lang);
  for (const counter of part.querySelectorAll("[data-counts]")) {
    counter.textContent = written.format(totals[counter.dataset.counts]);
  }
}

export function mount(part) {
  // A line that is down for a while leaves the numbers as they were.
  const timer = setInterval(() => refresh(part).catch(() => {}), PAUSE_MS);
  return () => clearInterval(timer);
}
