import assert from "node:assert/strict";
import { test } from "node:test";

import { Progress } from "../../../webapp/static/js/contribute/progress.js";

/** @param {Partial<ConstructorParameters<typeof Progress>[1]>} server */
const open = (server = {}) =>
  new Progress({ done: 3, total: 10 }, { fetchProgress: async () => ({ done: 7, total: 12 }), isSettled: async () => true, ...server });

test("what the page has taken counts at once, within the total", () => {
  const progress = open();
  assert.deepEqual(progress.add(1), { done: 4, total: 10 });
  assert.deepEqual(progress.add(-9), { done: 0, total: 10 });
  assert.deepEqual(progress.add(99), { done: 10, total: 10 });
});

test("the server is believed where nothing is on its way", async () => {
  assert.deepEqual(await open().refresh(), { done: 7, total: 12 });
  const fetchProgress = () => assert.fail("It cannot know.");
  assert.deepEqual(await open({ isSettled: async () => false, fetchProgress }).refresh(), { done: 3, total: 10 });
});

test("the server is not believed where something was answered while it was asked", async () => {
  /** @type {Progress} */
  const progress = open({
    async fetchProgress() {
      progress.add(1);
      return { done: 3, total: 10 };
    },
  });
  assert.deepEqual(await progress.refresh(), { done: 4, total: 10 });
});

test("a dead line leaves the numbers as they are", async () => {
  assert.deepEqual(await open({ fetchProgress: () => Promise.reject(new Error("away")) }).refresh(), { done: 3, total: 10 });
});
