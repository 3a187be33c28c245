// What somebody has typed and not sent stays in this tab until it is sent: going back, a reload or a dead line loses none of it. It is
// kept by page and account, without passwords, codes and tokens, and ends with the account's session.

import { nearest, onHtmx } from "./events.js";
import { isAnswered, isOnItsWay, leadsOn } from "./submit.js";

const PREFIX = "draft ";
const SECRET = "[type=password], [autocomplete=one-time-code]";
const KEPT = `textarea[name], select[name], input[name]:not([type=hidden], [type=file], [type=submit], ${SECRET})`;

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Field */
/**
 * By field: what was drawn, and what was typed.
 * @typedef {Record<string, [drawn: string | boolean, typed: string | boolean]>} Draft
 */

const account = () => document.getElementById("page-facts")?.dataset.account ?? "";
/** @param {string} id */
const words = (id) => /** @type {HTMLTemplateElement} */ (document.getElementById(id)).content;
/** @type {() => HTMLFormElement[]} */
const forms = () => [...document.querySelectorAll(/** @type {"form"} */ ("main form[method=post]"))];
/** @type {(form: HTMLFormElement) => Field[]} */
const fields = (form) => [...form.querySelectorAll(/** @type {"input"} */ (KEPT))];
/** @param {Field} field @returns {field is HTMLInputElement} */
const isChoice = (field) => field.type === "checkbox" || field.type === "radio";
/** @param {Field} field */
const nameOf = (field) => (field.type === "radio" ? `${field.name}=${field.value}` : field.name);

/** @param {HTMLFormElement} form */
function key(form) {
  const { pathname, search } = location;
  return `${PREFIX}${account()} ${pathname}${search} ${forms().indexOf(form)}`;
}

/** @param {Field} field */
function value(field) {
  return isChoice(field) ? field.checked : field.value;
}

/** As the server has drawn it. @param {Field} field */
function drawn(field) {
  if (isChoice(field)) return field.defaultChecked;
  if (!(field instanceof HTMLSelectElement)) return field.defaultValue;
  return ([...field.options].find((option) => option.defaultSelected) ?? field.options[0])?.value ?? "";
}

/** @param {Field} field @param {string | boolean} text */
function put(field, text) {
  if (isChoice(field)) field.checked = Boolean(text);
  else field.value = String(text);
}

/** @type {(name: string) => Draft} */
const read = (name) => {
  // As guest/stored.js does it. What the two shared would be a file of its own, and a request more of every page.
  try {
    return JSON.parse(sessionStorage.getItem(name) ?? "null") ?? {};
  } catch {
    return {};
  }
};

/** @param {string} name @param {Draft} draft */
function write(name, draft) {
  try {
    if (Object.keys(draft).length) sessionStorage.setItem(name, JSON.stringify(draft));
    else sessionStorage.removeItem(name);
  } catch {
    // More than the browser keeps: the question before leaving is what is left.
  }
}

/** @param {HTMLFormElement} form @returns {Draft} */
function changes(form) {
  const changed = fields(form).filter((field) => value(field) !== drawn(field));
  return Object.fromEntries(changed.map((field) => [nameOf(field), [drawn(field), value(field)]]));
}

/**
 * A form that was refused is drawn with what was typed: that is not saved yet, and stays.
 * @param {HTMLFormElement} form @returns {Draft}
 */
function refusedPart(form) {
  const before = read(key(form));
  const echoed = fields(form).filter((field) => before[nameOf(field)]?.[1] === drawn(field) && value(field) === drawn(field));
  return Object.fromEntries(echoed.map((field) => [nameOf(field), before[nameOf(field)]]));
}

/** @param {Event} event */
function keep({ target }) {
  const { form } = /** @type {Partial<Field>} */ (target);
  if (form && forms().includes(form)) write(key(form), { ...refusedPart(form), ...changes(form) });
}

/**
 * Where the server draws another text than the one that was changed, somebody has changed it since: theirs is shown.
 * @param {HTMLFormElement} form
 */
function restore(form) {
  const draft = read(key(form));
  const lost = fields(form).filter((field) => draft[nameOf(field)]?.[0] === drawn(field));
  for (const field of lost) put(field, draft[nameOf(field)][1]);
  return lost.length > 0;
}

/** @param {CustomEvent<{ elt: HTMLElement }>} event */
function restoreAll({ detail: { elt: root } }) {
  if (!root.querySelector("form") && !root.matches("form")) return;
  forgetOthers();
  const restored = forms().filter((form) => root.contains(form) && restore(form));
  if (restored.length) document.getElementById("flashes")?.append(words("words-draft").cloneNode(true));
}

// Somebody else is signed in here now, or nobody is.
function forgetOthers() {
  const own = `${PREFIX}${account()} `;
  for (const name of Object.keys(sessionStorage)) {
    if (name.startsWith(PREFIX) && !name.startsWith(own)) sessionStorage.removeItem(name);
  }
}

/** @param {CustomEvent} event */
function forget({ detail }) {
  const { elt, xhr } = detail;
  if (!(elt instanceof HTMLFormElement) || !isAnswered(xhr)) return;
  if (leadsOn(xhr) || !xhr.responseText.includes('aria-invalid="true"')) write(elt.dataset.draft ?? "", {});
}

/**
 * Its place among the page's forms is known as it is sent, and may be another's when the answer is there.
 * @param {CustomEvent} event
 */
function note({ detail }) {
  if (detail.elt instanceof HTMLFormElement) detail.elt.dataset.draft = key(detail.elt);
}

/** @param {Event} event */
function discard(event) {
  if (!nearest(event, "[data-discards]")) return;
  for (const form of forms()) {
    write(key(form), {});
    for (const field of fields(form)) put(field, drawn(field));
  }
  location.reload();
}

const unsaved = () => forms().filter((form) => !isOnItsWay(form) && Object.keys(changes(form)).length);

/** An hour's code is worth a question; the fields of other forms come back by themselves. @param {CustomEvent} event */
function askBeforeLeaving(event) {
  const { elt, verb } = event.detail;
  const isLeaving = verb === "get" && !elt.closest?.("[data-quiet]");
  if (!isLeaving || !unsaved().some((form) => "asks" in form.dataset)) return;
  if (!confirm(words("words-unsaved").textContent?.trim())) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}

/** @param {Event} event */
function askBeforeUnload(event) {
  if (unsaved().length) event.preventDefault();
}

export function keepDrafts() {
  document.addEventListener("input", keep);
  document.addEventListener("change", keep);
  document.addEventListener("click", discard);
  onHtmx("confirm", askBeforeLeaving, { capture: true });
  onHtmx("beforeRequest", note);
  onHtmx("afterRequest", forget);
  addEventListener("beforeunload", askBeforeUnload);
  onHtmx("load", restoreAll);
}
