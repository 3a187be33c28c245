import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { openDocument } from "../document.js";
import { define } from "../page.js";

const QUIET = 250;

/** @type {ReturnType<typeof openDocument>} */
let page;
/** @type {(() => void)[]} */
let frames;
let clock = 0;
let visits = 0;
/** What a presenter hears of. @type {string[]} */
let heard;
/** @type {import("../../../webapp/static/js/guest/bridge.js").Bridge} */
let bridge;

beforeEach(async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  page = openDocument('<div id="task"><button id="yes">Yes</button><p><button>No</button></p><input></div>');
  [frames, clock, heard] = [[], 1000, []];
  bridge = /** @type {any} */ ({ gone: null });
  Object.assign(window, { workbeeBridge: bridge });
  document.hasFocus = () => true;
  define({ performance: { now: () => clock }, requestAnimationFrame: (/** @type {() => void} */ run) => frames.push(run) });
  visits += 1;
  await import(`../../../webapp/static/js/pybossa/presses.js?${visits}`);
  for (const type of ["pointerdown", "click", "keydown", "keyup"]) document.addEventListener(type, () => heard.push(type));
});
afterEach(() => mock.timers.reset());

/** @param {number} ms */
function pass(ms) {
  clock += ms;
  mock.timers.tick(ms);
}
/** The frames that are asked for are painted. */
function paint() {
  for (const run of frames.splice(0)) run();
  mock.timers.tick(0);
}
/** @param {string} selector @returns {any} */
const find = (selector) => document.querySelector(selector);
/** Where the keyboard is: a button by its words. An element itself would be written out whole where a test fails. */
const focused = () => (document.activeElement === document.body ? "BODY" : document.activeElement?.textContent);
/** As of the volunteer's own hand. @param {string} selector @param {string} type @param {object} facts */
function press(selector, type, facts = {}) {
  const kind = type.startsWith("key") ? page.KeyboardEvent : page.MouseEvent;
  const event = new kind(type, { bubbles: true, cancelable: true, ...facts });
  Object.defineProperty(event, "isTrusted", { value: true });
  find(selector).dispatchEvent(event);
  return event;
}
/** @param {string} selector */
function click(selector, detail = 1) {
  press(selector, "pointerdown");
  return press(selector, "click", { detail });
}

test("before the first change of tasks every press counts", () => {
  click("#yes");
  press("#yes", "keydown", { key: "a", code: "KeyA" });
  assert.deepEqual(heard, ["pointerdown", "click", "keydown"]);
});

test("a press on a task that nobody can have seen is not heard", () => {
  bridge.settle?.();
  const event = click("#yes");
  assert.deepEqual(heard, []);
  assert.equal(event.defaultPrevented, true);
  paint();
  pass(QUIET - 1);
  assert.equal(bridge.isQuiet?.(), true);
  click("#yes");
  assert.deepEqual(heard, []);
  pass(1);
  assert.equal(bridge.isQuiet?.(), false);
  click("#yes");
  assert.deepEqual(heard, ["pointerdown", "click"]);
});

test("a press that began on the task before is not heard", () => {
  press("#yes", "pointerdown");
  pass(1);
  bridge.settle?.();
  paint();
  pass(QUIET);
  press("#yes", "click", { detail: 1 });
  assert.deepEqual(heard, ["pointerdown"]);
});

test("a click without a pointer counts when the task has been seen", () => {
  bridge.settle?.();
  press("#yes", "click", { detail: 0 });
  assert.deepEqual(heard, []);
  paint();
  pass(QUIET);
  press("#yes", "click", { detail: 0 });
  assert.deepEqual(heard, ["click"]);
});

test("a key that is held from the task before is not heard until it is pressed anew", () => {
  press("#yes", "keydown", { key: "a", code: "KeyA" });
  pass(1);
  bridge.settle?.();
  paint();
  pass(QUIET);
  press("#yes", "keydown", { key: "a", code: "KeyA", repeat: true });
  assert.deepEqual(heard, ["keydown"]);
  press("#yes", "keydown", { key: "a", code: "KeyA" });
  assert.deepEqual(heard, ["keydown", "keydown"]);
});

test("keys that answer nothing, and what is typed, are always heard", () => {
  bridge.settle?.();
  press("#yes", "keydown", { key: "Tab", code: "Tab" });
  press("input", "keydown", { key: "a", code: "KeyA" });
  assert.deepEqual(heard, ["keydown", "keydown"]);
  press("input", "keydown", { key: "Enter", code: "Enter" });
  press("input", "keyup", { key: "Enter", code: "Enter" });
  assert.deepEqual(heard, ["keydown", "keydown"]);
});

test("what a presenter does by itself is its own affair", () => {
  bridge.settle?.();
  find("#yes").click();
  assert.deepEqual(heard, ["click"]);
});

test("the keyboard comes back to the button that was drawn in the place of the last", () => {
  find("p button").focus();
  find("#task").innerHTML = '<button id="yes">Yes</button><p><button>No</button></p>';
  bridge.settle?.();
  assert.equal(focused(), "No");
});

test("the keyboard waits for a button that is switched off", () => {
  find("#yes").focus();
  find("#yes").blur();
  find("#yes").disabled = true;
  bridge.settle?.();
  paint();
  assert.equal(focused(), "BODY");
  find("#yes").disabled = false;
  paint();
  assert.equal(focused(), "Yes");
});

test("after a press elsewhere the keyboard stays away", () => {
  find("#yes").focus();
  press("p", "pointerdown");
  find("#yes").blur();
  bridge.settle?.();
  assert.equal(focused(), "BODY");
});
