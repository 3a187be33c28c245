import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { IDBFactory, IDBKeyRange } from "fake-indexeddb";

import { Refused } from "../../../webapp/static/js/contribute/api.js";
import { Queue } from "../../../webapp/static/js/contribute/queue.js";
import { Sender } from "../../../webapp/static/js/contribute/sender.js";
import { define, openPage, pass, record, serve, settle, stopClock } from "../page.js";

/** @import { Asked } from "../page.js" */

const UNDO_TIME = 6000;
const [AWAY, BROKEN] = [() => new Response("", { status: 503 }), () => Response.json({}, { status: 500 })];
/** @param {number} status */
const no = (status) => Response.json({ exception_msg: "No." }, { status });
/** @param {Asked} asked */
const stored = ({ body }) => ({ id: 1, task_id: body.task_id });

/** @type {ReturnType<typeof openPage>} */
let page;
/** @type {Queue} */
let queue;
/** @type {Sender} */
let sender;

beforeEach(() => {
  page = openPage();
  define({ indexedDB: new IDBFactory(), IDBKeyRange });
  stopClock();
  queue = new Queue("user:1");
  sender = new Sender(queue, 1);
});
afterEach(() => mock.timers.reset());

/** @param {number} taskId @param {number} undoableFor ms */
async function give(taskId, undoableFor = 0) {
  mock.timers.tick(1);
  const undoableUntil = undoableFor && Date.now() + undoableFor;
  return queue.add({ projectId: 1, shortName: "words", taskId, info: "yes", undoableUntil });
}

/** @param {Asked[]} requests */
const sent = (requests) => requests.filter(({ path }) => path === "/api/taskrun").map(({ body }) => body.task_id);

test("answers are sent in order, each once", async () => {
  const requests = serve(stored);
  const events = record(sender, "delivered", "count");
  await give(12);
  await give(11);
  await sender.wake();
  await sender.wake();
  assert.deepEqual(sent(requests), [12, 11]);
  assert.deepEqual(await queue.waiting(1), []);
  assert.equal(events.filter(([name]) => name === "delivered").length, 2);
  assert.deepEqual(events.at(-1), ["count", 0]);
});

test("while the server is away answers wait, and are tried again after a while", async () => {
  let isAway = true;
  const requests = serve((asked) => (isAway ? AWAY() : stored(asked)));
  const events = record(sender, "away", "count");
  await give(11);
  await give(12);
  await sender.wake();
  assert.deepEqual(sent(requests), [11]);
  assert.deepEqual(events.map(([name]) => name), ["away", "count"]);
  assert.equal(events[1][1], 2);
  isAway = false;
  await pass(700);
  assert.deepEqual(sent(requests), [11]);
  await pass(600);
  assert.deepEqual(sent(requests), [11, 11, 12]);
  assert.equal(sender.pause, 1000);
  assert.equal(requests[0].headers.get("Idempotency-Key"), requests[1].headers.get("Idempotency-Key"));
});

test("the server says how long it wants to be left alone", async () => {
  const requests = serve(() => new Response("", { status: 503, headers: { "Retry-After": "30" } }));
  await give(11);
  await sender.wake();
  await pass(23_000);
  assert.equal(requests.length, 1);
  await pass(14_000);
  assert.equal(requests.length, 2);
});

test("pauses grow up to a minute", async () => {
  const requests = serve(AWAY);
  await give(11);
  await sender.wake();
  for (let seconds = 0; seconds < 60; seconds += 1) await pass(1000);
  assert.ok(requests.length > 4 && requests.length < 9, String(requests.length));
  assert.equal(sender.pause, 60_000);
});

test("what is refused is kept for its volunteer and holds up no other", async () => {
  const requests = serve((asked) => (asked.body.task_id === 11 ? no(400) : stored(asked)));
  const events = record(sender, "refused", "delivered");
  const answer = await give(11);
  await give(12);
  const outcome = assert.rejects(sender.deliverOrRefuse(answer), Refused);
  await settle();
  await outcome;
  assert.deepEqual(sent(requests), [11, 12]);
  assert.deepEqual((await queue.refused()).map(({ taskId, reason }) => [taskId, reason]), [[11, "No."]]);
  const [[name, detail]] = events;
  assert.deepEqual([name, detail.answer.taskId, detail.error.message], ["refused", 11, "No."]);
  assert.equal(events[1][0], "delivered");
});

test("an answer at which the server fails waits behind the others", async () => {
  const requests = serve((asked) => (asked.body.task_id === 11 ? BROKEN() : stored(asked)));
  await give(11);
  await give(12);
  await sender.wake();
  assert.deepEqual(sent(requests), [11, 12]);
  assert.deepEqual((await queue.waiting(1)).map((answer) => answer.taskId), [11]);
  await pass(1300);
  assert.deepEqual(sent(requests), [11, 12, 11]);
});

test("delivering resolves once the server has the answer", async () => {
  serve(stored);
  await sender.deliverOrRefuse(await give(11));
  assert.deepEqual(await queue.waiting(1), []);
});

test("an answer can be taken back until it is sent", async () => {
  const requests = serve(stored);
  const first = await give(11, UNDO_TIME);
  await sender.take(first);
  await pass(UNDO_TIME - 100);
  assert.equal(await sender.giveBack(first.key), true);
  await pass(200);
  assert.deepEqual(sent(requests), []);
  const second = await give(12, UNDO_TIME);
  await sender.take(second);
  await pass(UNDO_TIME + 100);
  assert.deepEqual(sent(requests), [12]);
  assert.equal(await sender.giveBack(second.key), false);
});

test("a hurry, and the next answer, leave no time to take one back", async () => {
  const requests = serve(stored);
  await give(11, UNDO_TIME);
  await sender.wake(true);
  assert.deepEqual(sent(requests), [11]);
  await give(12, UNDO_TIME);
  await give(13, UNDO_TIME);
  await sender.wake();
  assert.deepEqual(sent(requests), [11, 12]);
});

test("an account's answer waits until it is signed in again", async () => {
  const requests = serve(({ path }) => (path === "/api/taskrun" ? no(401) : { who: "anonymous:x", token: null }));
  const events = record(sender, "signedout", "away", "refused");
  await give(11);
  await sender.wake();
  assert.deepEqual(events.map(([name]) => name), ["signedout"]);
  assert.deepEqual(sent(requests), [11]);
  assert.equal((await queue.waiting(1)).length, 1);
});

test("a task that the server has forgotten is asked for by its address, and answered once more", async () => {
  let isLent = false;
  const requests = serve((asked) => {
    if (asked.path.endsWith("frame-token")) return { who: "user:1", token: "t" };
    if (asked.path === "/project/words/task/11") return { lent: (isLent = true) };
    return isLent ? stored(asked) : no(403);
  });
  await give(11);
  await sender.wake();
  assert.deepEqual(sent(requests), [11, 11]);
  assert.deepEqual([await queue.waiting(1), await queue.refused()], [[], []]);
});

test("a task that is not the volunteer's to answer is refused for good", async () => {
  serve((asked) => (asked.path === "/api/taskrun" ? no(403) : { who: "user:1" }));
  await give(11);
  await sender.wake();
  assert.deepEqual((await queue.refused()).map(({ status }) => status), [403]);
});

test("as the page goes, what it has taken and not sent is left to the browser", async () => {
  const requests = serve(AWAY);
  await sender.take(await give(11, UNDO_TIME));
  await give(12, UNDO_TIME);
  page.fire("pagehide");
  assert.deepEqual(sent(requests), [11]);
  assert.equal(requests[0].options.keepalive, true);
});

test("the line's coming back wakes it", async () => {
  let isAway = true;
  const requests = serve((asked) => (isAway ? AWAY() : stored(asked)));
  await give(11);
  await sender.wake();
  isAway = false;
  page.fire("online");
  await settle();
  assert.deepEqual(sent(requests), [11, 11]);
});

test("one tab sends at a time, where browsers have locks", async () => {
  /** @type {string[]} */
  const names = [];
  define({ navigator: { locks: { request: (/** @type {string} */ name, /** @type {() => unknown} */ run) => (names.push(name), run()) } } });
  serve(stored);
  await give(11);
  await sender.wake();
  assert.deepEqual(names, ["workbee-send-answers-1"]);
  assert.deepEqual(await queue.waiting(1), []);
});
