// What somebody has typed and not sent stays in this tab until it is sent: going back, a reload or a dead line loses none of it. It is
// kept by page and account, without passwords and tokens, and ends with the account's session.

import htmx from "htmx.org";
import { isAnswered, isOnItsWay, leadsOn } from "./submit.js";

const PREFIX = "draft ";
const KEPT = "textarea[name], select[name], input[name]:not([type=hidden], [type=password], [type=file], [type=submit])";

const account = () => document.getElementById("page-facts")?.dataset.account ?? "";
const words = (id) => document.getElementById(id)?.content;
const forms = (root) => [...root.querySelectorAll("main form[method=post]")];
const fields = (form) => [...form.querySelectorAll(KEPT)];
const isChoice = (field) => field.type === "checkbox" || field.type === "radio";
const nameOf = (field) => (field.type === "radio" ? `${field.name}=${field.value}` : field.name);

function key(form) {
  const { pathname, search } = location;
  return `${PREFIX}${account()} ${pathname}${search} ${forms(document).indexOf(form)}`;
}

function value(field) {
  return isChoice(field) ? field.checked : field.value;
}

// As the server has drawn it.
function drawn(field) {
  if (isChoice(field)) return field.defaultChecked;
  if (field.tagName !== "SELECT") return field.defaultValue;
  return ([...field.options].find((option) => option.defaultSelected) ?? field.options[0])?.value ?? "";
}

function put(field, text) {
  if (isChoice(field)) field.checked = text;
  else field.value = text;
}

function read(name) {
  try {
    return JSON.parse(sessionStorage.getItem(name)) ?? {};
  } catch {
    return {};
  }
}

function write(name, draft) {
  try {
    if (Object.keys(draft).length) sessionStorage.setItem(name, JSON.stringify(draft));
    else sessionStorage.removeItem(name);
  } catch {
    // More than the browser keeps: the question before leaving is what is left.
  }
}

// By field: what was drawn, and what was typed.
function changes(form) {
  const changed = fields(form).filter((field) => value(field) !== drawn(field));
  return Object.fromEntries(changed.map((field) => [nameOf(field), [drawn(field), value(field)]]));
}

// A form that was refused is drawn with what was typed: that is not saved yet, and stays.
function refusedPart(form) {
  const before = read(key(form));
  const echoed = fields(form).filter((field) => before[nameOf(field)]?.[1] === drawn(field) && value(field) === drawn(field));
  return Object.fromEntries(echoed.map((field) => [nameOf(field), before[nameOf(field)]]));
}

function keep({ target }) {
  const form = target.form;
  if (form && forms(document).includes(form)) write(key(form), { ...refusedPart(form), ...changes(form) });
}

// Where the server draws another text than the one that was changed, somebody has changed it since: theirs is shown.
function restore(form) {
  const draft = read(key(form));
  const lost = fields(form).filter((field) => draft[nameOf(field)]?.[0] === drawn(field));
  for (const field of lost) put(field, draft[nameOf(field)][1]);
  return lost.length > 0;
}

function restoreAll(root) {
  if (!root.querySelector?.("form") && !root.matches?.("form")) return;
  forgetOthers();
  const restored = forms(document).filter((form) => (root === form || root.contains(form)) && restore(form));
  if (restored.length) document.getElementById("flashes")?.append(words("words-draft").cloneNode(true));
}

// Somebody else is signed in here now, or nobody is.
function forgetOthers() {
  const own = `${PREFIX}${account()} `;
  for (const name of Object.keys(sessionStorage)) {
    if (name.startsWith(PREFIX) && !name.startsWith(own)) sessionStorage.removeItem(name);
  }
}

function forget({ detail }) {
  const { elt, xhr } = detail;
  if (!(elt instanceof HTMLFormElement) || !isAnswered(xhr)) return;
  if (leadsOn(xhr) || !xhr.responseText.includes('aria-invalid="true"')) write(elt.dataset.draft ?? "", {});
}

// Its place among the page's forms is known as it is sent, and may be another's when the answer is there.
function note({ detail }) {
  if (detail.elt instanceof HTMLFormElement) detail.elt.dataset.draft = key(detail.elt);
}

function discard(event) {
  if (!event.target.closest?.("[data-discards]")) return;
  for (const form of forms(document)) {
    write(key(form), {});
    for (const field of fields(form)) put(field, drawn(field));
  }
  location.reload();
}

const unsaved = () => forms(document).filter((form) => !isOnItsWay(form) && Object.keys(changes(form)).length);

// An hour's code is worth a question; the fields of other forms come back by themselves.
function askBeforeLeaving(event) {
  const { elt, verb } = event.detail;
  const isLeaving = verb === "get" && !elt.closest?.("[data-quiet]");
  if (!isLeaving || !unsaved().some((form) => "asks" in form.dataset)) return;
  if (!confirm(words("words-unsaved").textContent.trim())) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}

function askBeforeUnload(event) {
  if (unsaved().length) event.preventDefault();
}

export function keepDrafts() {
  document.addEventListener("input", keep);
  document.addEventListener("change", keep);
  document.addEventListener("click", discard);
  document.addEventListener("htmx:confirm", askBeforeLeaving, { capture: true });
  document.addEventListener("htmx:beforeRequest", note);
  document.addEventListener("htmx:afterRequest", forget);
  addEventListener("beforeunload", askBeforeUnload);
  htmx.onLoad(restoreAll);
}
