import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { openDocument } from "../document.js";

const URL_ = "http://site.test/project/words/update";
/** @param {{ name?: string, text?: string, wrong?: boolean, account?: string }} shown */
const page = ({ name = "Words", text = "About words", wrong = false, account = "1" } = {}) => `
  <div id="page-facts" data-account="${account}"></div><div id="flashes"></div>
  <template id="words-draft"><p class="notice">Back again.</p></template>
  <main><form method="post">
    <input type="hidden" name="csrf" value="x"><input type="password" name="password">
    <input name="name" value="${name}"${wrong ? ' aria-invalid="true"' : ""}>
    <textarea name="text">${text}</textarea>
    <select name="kind"><option value="a">A</option><option value="b" selected>B</option></select>
    <input type="checkbox" name="hidden" checked>
    <input type="radio" name="size" value="1"><input type="radio" name="size" value="2" checked>
    <button data-discards>Discard</button>
  </form></main>`;

/** @type {Storage} */
let kept;
let visits = 0;

/** Draw the page as it comes from the server, in the same tab. @param {Parameters<typeof page>[0]} shown */
async function visit(shown = {}, url = URL_) {
  openDocument(page(shown), { url });
  for (const [name, text] of Object.entries(kept)) sessionStorage.setItem(name, text);
  kept = sessionStorage;
  visits += 1;
  const { keepDrafts } = await import(`../../../webapp/static/js/site/drafts.js?${visits}`);
  keepDrafts();
  document.body.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true, detail: { elt: document.body } }));
}

/** @param {string} selector @returns {any} */
const find = (selector) => document.querySelector(selector);
/** @param {string} selector @param {object} change */
function type(selector, change) {
  Object.assign(find(selector), change).dispatchEvent(new Event("input", { bubbles: true }));
}
/** @param {number} status @param {string} text @param {Record<string, string>} headers */
function answered(status, text = "", headers = {}) {
  const detail = { elt: find("form"), xhr: { status, responseText: text, getResponseHeader: (/** @type {string} */ name) => headers[name] ?? null } };
  document.dispatchEvent(new CustomEvent("htmx:beforeRequest", { detail }));
  document.dispatchEvent(new CustomEvent("htmx:afterRequest", { detail }));
}
const isBack = () => find("#flashes").textContent.includes("Back again.");

beforeEach(() => {
  kept = /** @type {Storage} */ (/** @type {unknown} */ ({}));
});

test("what was typed is there again after a reload", async () => {
  await visit();
  assert.equal(isBack(), false);
  type("[name=name]", { value: "Better words" });
  type("textarea", { value: "More" });
  type("select", { value: "a" });
  type("[type=checkbox]", { checked: false });
  type("[type=radio][value='1']", { checked: true });
  await visit();
  assert.equal(isBack(), true);
  assert.deepEqual([find("[name=name]").value, find("textarea").value, find("select").value], ["Better words", "More", "a"]);
  assert.deepEqual([find("[type=checkbox]").checked, find("[type=radio][value='1']").checked], [false, true]);
});

test("passwords and tokens are not kept", async () => {
  await visit();
  type("[name=password]", { value: "secret" });
  type("[name=csrf]", { value: "secret" });
  assert.doesNotMatch(JSON.stringify(Object.entries(sessionStorage)), /secret/);
});

test("what somebody else has changed since is shown as it is", async () => {
  await visit();
  type("[name=name]", { value: "Mine" });
  await visit({ name: "Theirs" });
  assert.deepEqual([find("[name=name]").value, isBack()], ["Theirs", false]);
});

test("another page, or another account, finds nothing", async () => {
  await visit();
  type("[name=name]", { value: "Mine" });
  await visit({}, `${URL_}?other`);
  assert.equal(find("[name=name]").value, "Words");
  await visit({ account: "2" });
  assert.equal(find("[name=name]").value, "Words");
  assert.equal(sessionStorage.length, 0);
});

test("what is typed back leaves no draft", async () => {
  await visit();
  type("[name=name]", { value: "Mine" });
  type("[name=name]", { value: "Words" });
  assert.equal(sessionStorage.length, 0);
});

test("a form that is taken leaves no draft", async () => {
  await visit();
  type("[name=name]", { value: "Mine" });
  answered(200, "<p>Saved</p>");
  assert.equal(sessionStorage.length, 0);
});

test("a form that is refused, or not answered, keeps its draft", async () => {
  await visit();
  type("[name=name]", { value: "Mine" });
  answered(200, '<input aria-invalid="true">');
  answered(0);
  answered(502);
  assert.equal(sessionStorage.length, 1);
  answered(200, '<input aria-invalid="true">', { "HX-Location": "/next" });
  assert.equal(sessionStorage.length, 0);
});

test("a refused form, drawn with what was typed, is still not saved", async () => {
  await visit();
  type("[name=name]", { value: "Mine" });
  await visit({ name: "Mine", wrong: true });
  type("textarea", { value: "More" });
  await visit();
  assert.deepEqual([find("[name=name]").value, find("textarea").value], ["Mine", "More"]);
});

test("leaving with something unsaved is asked about", async () => {
  await visit();
  const leave = () => {
    const event = new Event("beforeunload", { cancelable: true });
    window.dispatchEvent(event);
    return event.defaultPrevented;
  };
  assert.equal(leave(), false);
  type("[name=name]", { value: "Mine" });
  assert.equal(leave(), true);
});
