// Which part of the site, and of a project, is shown.

export function markSection() {
  const section = document.getElementById("page-facts")?.dataset.section;
  /** @type {NodeListOf<HTMLElement>} */
  const links = document.querySelectorAll("a[data-section]");
  for (const link of links) {
    if (link.dataset.section === section) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

// Tabs and side navigation that are wider than the page: the current one comes into sight.
export function showCurrent() {
  for (const link of document.querySelectorAll(".tabs [aria-current], .side [aria-current]")) {
    const strip = link.parentElement;
    if (!strip) continue;
    const { left, right, width } = link.getBoundingClientRect();
    const frame = strip.getBoundingClientRect();
    if (left < frame.left || right > frame.right) strip.scrollLeft += left - frame.left - (frame.width - width) / 2;
  }
}
