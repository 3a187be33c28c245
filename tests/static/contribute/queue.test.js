import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { IDBFactory, IDBKeyRange } from "fake-indexeddb";

import { Queue } from "../../../webapp/static/js/contribute/queue.js";
import { define, openPage, record } from "../page.js";

const GIVEN = { projectId: 1, shortName: "words", taskId: 11, info: { answer: "yes" } };

/** @param {import("../../../webapp/static/js/contribute/queue.js").Answer[]} answers */
const taskIds = (answers) => answers.map((answer) => answer.taskId);

beforeEach(() => {
  openPage();
  define({ indexedDB: new IDBFactory(), IDBKeyRange });
});

test("an answer is waiting at once, and is there after a reload", async () => {
  const queue = new Queue("user:1");
  const added = queue.add(GIVEN);
  assert.equal(queue.isUnsafe, true);
  assert.deepEqual(taskIds(await queue.waiting(1)), [11]);
  await added;
  assert.equal(queue.isUnsafe, false);
  const [answer] = await new Queue("user:1").waiting(1);
  assert.deepEqual(answer.info, { answer: "yes" });
  assert.equal(answer.key, `p1:${answer.sendKey}`);
});

test("each project has a queue of its own", async () => {
  const queue = new Queue("user:1");
  await queue.add(GIVEN);
  await queue.add({ ...GIVEN, projectId: 12, taskId: 21 });
  assert.deepEqual(taskIds(await queue.waiting(1)), [11]);
  assert.deepEqual(taskIds(await queue.waiting(12)), [21]);
  assert.deepEqual(await queue.otherProjects(1), [12]);
});

test("answers wait in the order in which they were given", async (t) => {
  t.mock.timers.enable({ apis: ["Date"] });
  const queue = new Queue("user:1");
  for (const taskId of [13, 11, 12]) {
    t.mock.timers.tick(1);
    await queue.add({ ...GIVEN, taskId });
  }
  assert.deepEqual(taskIds(await queue.waiting(1)), [13, 11, 12]);
});

test("answers of another account wait for it, those of nobody's for anybody", async () => {
  await new Queue("user:2").add(GIVEN);
  await new Queue("anonymous:x").add({ ...GIVEN, taskId: 12 });
  assert.deepEqual(taskIds(await new Queue("user:1").waiting(1)), [12]);
  assert.deepEqual(taskIds(await new Queue("user:2").waiting(1)).toSorted((a, b) => a - b), [11, 12]);
});

test("a refused answer is kept with the reason until it is let go of", async () => {
  const queue = new Queue("user:1");
  const events = record(queue, "refused");
  const answer = await queue.add(GIVEN);
  await queue.refuse(answer, Object.assign(new Error("Closed."), { status: 403 }));
  assert.deepEqual(await queue.waiting(1), []);
  const [refused] = await new Queue("user:1").refused();
  assert.deepEqual([refused.taskId, refused.reason, refused.status], [11, "Closed.", 403]);
  assert.equal(events.length, 1);
  assert.equal(await queue.remove(refused.key), true);
  assert.deepEqual(await queue.refused(), []);
  assert.equal(events.length, 2);
});

test("an answer is removed once", async () => {
  const queue = new Queue("user:1");
  const { key } = await queue.add(GIVEN);
  assert.deepEqual([await queue.remove(key), await queue.remove(key)], [true, false]);
});

test("an answer that is taken back while it is being stored is gone", async () => {
  const queue = new Queue("user:1");
  const added = queue.add(GIVEN);
  const [{ key }] = await queue.waiting(1);
  assert.equal(await queue.remove(key), true);
  await added;
  assert.deepEqual(await new Queue("user:1").waiting(1), []);
});

test("without a database answers last as long as the page, which says so", async () => {
  define({ indexedDB: undefined });
  const queue = new Queue("user:1");
  const events = record(queue, "unsafe");
  await queue.add(GIVEN);
  assert.equal(events.length, 1);
  assert.equal(queue.isUnsafe, true);
  assert.deepEqual(taskIds(await queue.waiting(1)), [11]);
  assert.deepEqual(await queue.otherProjects(2), []);
});

test("where the database fails on the way, answers of this page are still waiting", async () => {
  const queue = new Queue("user:1");
  const events = record(queue, "unsafe");
  (await queue.opened)?.database.close();
  await queue.add(GIVEN);
  assert.equal(events.length, 1);
  assert.deepEqual(taskIds(await queue.waiting(1)), [11]);
  assert.deepEqual(await queue.otherProjects(2), []);
});

test("what an older version has queued is taken over, and what cannot be sent is refused", async () => {
  const request = indexedDB.open("workbee-answers", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("answers", { keyPath: "key" });
  await new Promise((resolve) => (request.onsuccess = resolve));
  const rows = request.result.transaction("answers", "readwrite").objectStore("answers");
  const old = { projectId: 1, shortName: "words", who: "user:1", at: 1, undoableUntil: 0 };
  rows.put({ ...old, key: "aa", taskId: 11, info: { n: 1 } });
  rows.put({ ...old, key: "bb", taskId: 12, info: { n: 1n } });
  await new Promise((resolve) => (rows.transaction.oncomplete = resolve));
  request.result.close();
  const queue = new Queue("user:1");
  const [waiting] = await queue.waiting(1);
  assert.deepEqual([waiting.key, waiting.sendKey, waiting.info], ["p1:aa", "aa", { n: 1 }]);
  const [refused] = await queue.refused();
  assert.deepEqual([refused.key, refused.info, refused.status], ["r:p1:bb", '{"n":"1"}', 0]);
});
