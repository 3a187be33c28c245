import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Tasks } from "../../../webapp/static/js/contribute/tasks.js";
import { openPage, pass, record, serve, settle, stopClock } from "../page.js";

/** @import { Asked } from "../page.js" */

/** @type {ReturnType<typeof openPage>} */
let page;
/** @type {number[]} */
let queued;
let flushed = 0;

beforeEach(() => {
  page = openPage();
  stopClock();
  queued = [];
  flushed = 0;
});
afterEach(() => mock.timers.reset());

const open = () =>
  new Tasks(1, {
    queued: async () => queued,
    settled: async () => {},
    flush: async () => {
      flushed += 1;
    },
  });

/** @param {number} id */
const task = (id) => ({ id, project_id: 1 });
/**
 * A server that has these tasks in its list, and grants what `grants` says.
 * @param {number[]} ids @param {{ held?: boolean, left?: string }} grants
 */
const list = (ids, { held = true, left = "none" } = {}) => (/** @type {Asked} */ { path, body }) => {
  if (path.endsWith("/hold")) return { held };
  if (path.includes("/next?")) return { task: ids.filter((id) => id !== body.task_id).map(task)[0] ?? null, left, held };
  const [, one] = /^\/api\/task\/(\d+)/.exec(path) ?? [];
  if (one) return task(Number(one));
  const id = ids[Number(new URL(path, "http://site.test").searchParams.get("offset"))];
  return Response.json(id ? task(id) : {}, { headers: { "X-Workbee-Left": left } });
};
/** @param {Asked[]} requests */
const paths = (requests) => requests.map(({ path }) => path.split("?")[0].replace("/api/project/1/", ""));

test("the first task is the first of the list", async () => {
  const requests = serve(list([11, 12]));
  assert.deepEqual(await open().first(null), task(11));
  assert.deepEqual(paths(requests), ["newtask"]);
});

test("tasks whose answers are on their way are passed over, and the next one is held", async () => {
  queued = [11];
  const requests = serve(list([11, 12]));
  assert.deepEqual(await open().first(null), task(12));
  assert.deepEqual(paths(requests), ["newtask", "newtask", "hold"]);
  assert.deepEqual(requests[2].body, { task_id: 12 });
});

test("the task of the address is held and shown", async () => {
  const requests = serve(list([11, 12]));
  assert.deepEqual(await open().first(12), task(12));
  assert.deepEqual(paths(requests), ["hold", "/api/task/12"]);
});

test("the task of the address is shown even where its slot has gone", async () => {
  serve(list([11, 12], { held: false }));
  assert.deepEqual(await open().first(12), task(12));
});

test("a volunteer who comes back finds the task at hand, if its slot is there", async () => {
  serve(list([11, 12]));
  open().begin(12);
  assert.deepEqual(await open().first(null), task(12));
  serve(list([11], { held: false }));
  assert.deepEqual(await open().first(null), task(11));
});

test("a task that was answered is no longer the one at hand", async () => {
  serve(list([11, 12]));
  const tasks = open();
  tasks.begin(12);
  tasks.isAnswered(11);
  assert.equal(sessionStorage.getItem("workbee-task-1"), "12");
  tasks.isAnswered(12);
  assert.equal(sessionStorage.getItem("workbee-task-1"), null);
});

test("a task that the server refuses gives way to the next", async () => {
  const usual = list([11]);
  serve((asked) => (asked.path.endsWith("/hold") ? Response.json({ exception_msg: "Gone." }, { status: 404 }) : usual(asked)));
  assert.deepEqual(await open().first(99), task(11));
});

test("skipped tasks are not given again, until nothing else is left", async () => {
  serve(list([11, 12]));
  const tasks = open();
  tasks.begin(11);
  tasks.skip();
  assert.deepEqual(await open().first(null), task(12));
  serve(list([11]));
  assert.deepEqual(await open().first(null), task(11));
  assert.equal(sessionStorage.getItem("workbee-skipped-1"), "[]");
});

test("nothing is left", async () => {
  serve(list([]));
  const tasks = open();
  const events = record(tasks, "waiting", "waited");
  assert.deepEqual(await tasks.first(null), {});
  assert.deepEqual(events, []);
});

for (const { end, left, given } of [
  { end: "there is one", left: [11], given: task(11) },
  { end: "none is left", left: [], given: {} },
])
  test(`while the tasks are in other hands it asks again, until ${end}`, async () => {
    let answer = list([], { left: "waiting" });
    const requests = serve((asked) => answer(asked));
    const tasks = open();
    const events = record(tasks, "waiting", "waited");
    const first = tasks.first(null);
    await pass(2999);
    assert.equal(requests.length, 1);
    answer = list(left);
    await pass(1);
    assert.deepEqual(await first, given);
    assert.deepEqual(events.map(([name]) => name), ["waiting", "waited"]);
  });

test("once the own answer that was on its way is there, it asks at once", async () => {
  queued = [11];
  let isDelivered = false;
  serve((asked) => list(isDelivered ? [] : [11], { left: isDelivered ? "none" : "waiting" })(asked));
  let n = 0;
  const tasks = new Tasks(1, {
    queued: async () => queued,
    settled: async () => {
      n += 1;
      if (n === 1) return;
      isDelivered = true;
      queued = [];
    },
    flush: async () => {},
  });
  const events = record(tasks, "waiting", "waited");
  assert.deepEqual(await tasks.first(null), {});
  assert.deepEqual(events, []);
});

test("without a line it waits, and goes on as the line is back", async () => {
  let isAway = true;
  const usual = list([11]);
  const requests = serve((asked) => (isAway ? new Response("", { status: 502 }) : usual(asked)));
  const tasks = open();
  const events = record(tasks, "away", "back");
  const first = tasks.first(null);
  await pass(1000);
  assert.equal(requests.length, 2);
  isAway = false;
  page.fire("online");
  assert.deepEqual(await first, task(11));
  assert.deepEqual(events.map(([name]) => name), ["away", "away", "back"]);
});

test("the next task is fetched beside the one at hand and those that are not sent", async () => {
  queued = [5, 6, 11];
  const requests = serve(list([11, 12]));
  const tasks = open();
  tasks.begin(11);
  assert.deepEqual(await tasks.ahead(), task(12));
  assert.deepEqual(requests[0].body, { task_id: 11, unsent: [5, 6] });
});

test("the slot of the task at hand may have gone", async () => {
  serve(list([11, 12], { held: false }));
  const tasks = open();
  const events = record(tasks, "gone");
  tasks.begin(11);
  await tasks.ahead();
  assert.deepEqual(events, [["gone", 11]]);
});

test("after the last task its answer decides what comes", async () => {
  let answer = list([11]);
  serve((asked) => answer(asked));
  const tasks = open();
  tasks.begin(11);
  const ahead = tasks.ahead();
  await settle();
  assert.equal(flushed, 0);
  answer = list([12]);
  tasks.isAnswered(11);
  assert.deepEqual(await ahead, task(12));
  assert.equal(flushed, 1);
});

test("the last task is not given once more to a presenter that passed over it", async () => {
  serve(list([11]));
  const tasks = open();
  tasks.begin(11);
  const ahead = tasks.ahead();
  tasks.isAnswered(11);
  assert.deepEqual(await ahead, {});
});
