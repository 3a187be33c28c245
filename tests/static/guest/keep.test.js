import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Keep } from "../../../webapp/static/js/guest/keep.js";
import { define, MemoryStorage, openPage, stopClock } from "../page.js";

const SOON = 250;

/** @type {ReturnType<typeof openPage>} */
let page;
beforeEach(() => {
  page = openPage();
  stopClock();
});
afterEach(() => mock.timers.reset());

/** What the next page's guest finds. @param {string} who */
const found = (who = "user:1", project = "words") => JSON.parse(JSON.stringify(new Keep(project, who).areas));

test("what a guest keeps is there on the next page, for its project and contributor", () => {
  new Keep("words", "user:1").change([["local", "a", "1"], ["session", "b", "2"], ["cookies", "c", "3"], ["visitCookies", "d", "4"]]);
  mock.timers.tick(SOON);
  assert.deepEqual(found(), { local: { a: "1" }, session: { b: "2" }, cookies: { c: "3" }, visitCookies: { d: "4" } });
  for (const other of [found("user:2"), found("user:1", "other")]) {
    assert.deepEqual(other, { local: {}, session: {}, cookies: {}, visitCookies: {} });
  }
  sessionStorage.clear();
  assert.deepEqual(found(), { local: { a: "1" }, session: {}, cookies: { c: "3" }, visitCookies: {} });
});

test("keys and areas go", () => {
  const keep = new Keep("words", "user:1");
  keep.change([["local", "a", "1"], ["local", "b", "2"], ["session", "a", "1"]]);
  keep.change([["local", "a", null], ["session", null, null]]);
  mock.timers.tick(SOON);
  assert.deepEqual([found().local, found().session], [{ b: "2" }, {}]);
});

test("what is not of the right form, or too much, is passed over", () => {
  const keep = new Keep("words", "user:1");
  for (const changes of [null, "x", {}, [null], ["local"], [["nowhere", "a", "1"]], [["__proto__", "a", "1"]], [["local", 1, "1"]]]) {
    keep.change(changes);
  }
  keep.change([["local", "a", 1], ["local", "b", "x".repeat(256 * 1024)], ["local", "c", "3"]]);
  mock.timers.tick(SOON);
  assert.deepEqual(found(), { local: { c: "3" }, session: {}, cookies: {}, visitCookies: {} });
});

test("changes are written together, and at once where the page goes", () => {
  const keep = new Keep("words", "user:1");
  keep.change([["local", "a", "1"]]);
  mock.timers.tick(SOON - 1);
  assert.equal(localStorage.length, 0);
  page.fire("pagehide");
  assert.deepEqual(found().local, { a: "1" });
  localStorage.clear();
  page.fire("pagehide");
  mock.timers.tick(SOON);
  assert.equal(localStorage.length, 0);
});

test("whoever was here longest ago gives way", () => {
  const large = "x".repeat(200 * 1024);
  for (const place of [0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 9, 10, 11]) {
    new Keep(`project${place}`, "user:1").change([["local", "a", large], ["local", "a", `${large}.`]]);
    mock.timers.tick(SOON);
  }
  const stay = Array.from({ length: 12 }, (_, place) => "a" in found("user:1", `project${place}`).local);
  assert.deepEqual(stay, [true, false, false, ...Array(9).fill(true)]);
});

test("a browser without room, or with something else there, keeps what it can", () => {
  define({ localStorage: new MemoryStorage(5) });
  const keep = new Keep("words", "user:1");
  keep.change([["local", "a", "1"], ["session", "b", "2"]]);
  mock.timers.tick(SOON);
  assert.equal(keep.areas.local.get("a"), "1");
  assert.deepEqual(found().session, { b: "2" });
  for (const rubbish of ["{", "null", "3"]) {
    sessionStorage.setItem(keep.name, rubbish);
    assert.deepEqual(found().session, {});
  }
});
