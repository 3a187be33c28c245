// pybossaNotify(text, show, type): the site's notice, at the head of the presenter. As on PYBOSSA's page its text is HTML, and it
// stays until its cross is clicked or the presenter takes it away.

const KINDS = ["info", "success", "warning", "error", "danger", "message", "loading"];

/** @param {HTMLElement} box */
function hide(box) {
  box.classList.replace("show-notification", "hide-notification");
}

/** @param {HTMLElement} box @param {string} kind @param {Node} content */
function show(box, kind, content) {
  const words = document.createElement("span");
  words.append(content);
  const cross = document.createElement("button");
  cross.type = "button";
  cross.className = "close";
  cross.setAttribute("aria-label", box.dataset.close ?? "");
  cross.textContent = "×";
  cross.addEventListener("click", () => hide(box));
  box.replaceChildren(words, cross);
  box.className = `show-notification notification-${kind}`;
}

const place = () => document.getElementById("pybossa-notification");

/** @type {(text: unknown, isShown?: boolean, type?: string) => void} */
export function pybossaNotify(text, isShown, type = "") {
  const box = place();
  if (!box) return;
  if (isShown === false) hide(box);
  // oxlint-disable-next-line no-restricted-properties -- as on PYBOSSA's page, and the presenter's own text in its own frame
  else show(box, KINDS.includes(type) ? type : "info", document.createRange().createContextualFragment(String(text ?? "")));
}

/**
 * A notice of Workbee's own: its words are text, and `link` may follow them.
 * @param {string} words @param {{ href: string, text: string }} [link]
 */
export function notify(words, link) {
  const box = place();
  if (!box) return;
  const content = document.createDocumentFragment();
  content.append(words);
  if (link) {
    const anchor = document.createElement("a");
    Object.assign(anchor, { href: link.href, textContent: link.text });
    content.append(" ", anchor);
  }
  show(box, "warning", content);
}
