import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import {
  Away, Failed, Refused, newTask, nextTask, progress, standing, submit, submitLeaving, task,
} from "../../../webapp/static/js/contribute/api.js";
import { openPage, serve } from "../page.js";

const ANSWER = { key: "p1:aa", sendKey: "aa", projectId: 1, shortName: "words", taskId: 11, info: "yes", who: "user:1", at: 0, undoableUntil: 0 };

beforeEach(() => openPage());

/** @param {number} status @param {HeadersInit} headers */
const page = (status, headers = {}) => new Response("<p>Sign in", { status, headers });
/** @param {number} status @param {object} body */
const json = (status, body) => Response.json(body, { status });
const dead = () => {
  throw new TypeError("Failed to fetch");
};

/** @type {[what: string, answer: () => Response, kind: typeof Away | typeof Refused, facts: object][]} */
const TROUBLES = [
  ["a dead line", dead, Away, { pause: 0 }],
  ["a server that fails at it", () => json(500, {}), Failed, { pause: 0 }],
  ["a server that is away", () => page(503, { "Retry-After": "7" }), Away, { pause: 7000 }],
  ["a date that is no number of seconds", () => page(503, { "Retry-After": "Mon, 01 Jan 2029 00:00:00 GMT" }), Away, { pause: 0 }],
  ["too many requests", () => json(429, {}), Away, { pause: 0 }],
  ["a hotel's sign-in page", () => page(200), Away, { pause: 0 }],
  ["a proxy's own page", () => page(403), Away, { pause: 0 }],
  ["a proxy's limit", () => page(413), Refused, { status: 413 }],
  ["an error of PYBOSSA's form", () => json(403, { exception_msg: "Not yours." }), Refused, { status: 403, message: "Not yours." }],
  ["an error with a description", () => json(404, { description: "No such task." }), Refused, { message: "No such task." }],
  ["an error without words", () => json(400, {}), Refused, { message: "Status 400" }],
];

for (const [what, answer, kind, facts] of TROUBLES) {
  test(`${what} is ${kind.name}`, async () => {
    serve(answer);
    await assert.rejects(task(11), (error) => {
      assert.equal(/** @type {Error} */ (error).constructor, kind);
      for (const [name, value] of Object.entries(facts)) assert.equal(/** @type {any} */ (error)[name], value);
      return true;
    });
  });
}

test("a drawn task comes with what is left", async () => {
  const requests = serve(() => Response.json({ id: 11 }));
  assert.deepEqual(await newTask(1, 2), { task: { id: 11 }, left: "none", note: undefined });
  assert.match(requests[0].path, /^\/api\/project\/1\/newtask\?offset=2&/);
});

test("where there is no task the server says why", async () => {
  serve(() => Response.json({ info: { error: "Not published." } }, { headers: { "X-Workbee-Left": "waiting" } }));
  assert.deepEqual(await newTask(1, 0), { task: null, left: "waiting", note: "Not published." });
});

test("an answer is sent as JSON under its own key", async () => {
  const [requests, sent] = [serve(() => ({ id: 5, task_id: 11 })), await submit(ANSWER)];
  assert.deepEqual(sent, { id: 5, task_id: 11 });
  assert.deepEqual([requests[0].method, requests[0].path], ["POST", "/api/taskrun"]);
  assert.deepEqual(requests[0].body, { project_id: 1, task_id: 11, info: "yes" });
  assert.equal(requests[0].headers.get("Idempotency-Key"), "aa");
  assert.equal(requests[0].headers.get("Content-Type"), "application/json");
});

test("JSON that is not about the answer is not our server's", async () => {
  serve(() => ({ welcome: "to our hotel" }));
  await assert.rejects(submit(ANSWER), Away);
});

test("as the page goes the browser sends, and nobody hears of trouble", async () => {
  const requests = serve(dead);
  submitLeaving(ANSWER);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(requests[0].options.keepalive, true);
  assert.equal(requests[0].options.signal, null);
  assert.equal(requests[0].headers.get("Idempotency-Key"), "aa");
});

test("the next task is asked for beside those that are held", async () => {
  const requests = serve(() => ({ task: null, left: "none", held: true }));
  assert.deepEqual(await nextTask(1, 11, [9, 10]), { task: null, left: "none", held: true });
  assert.deepEqual(requests[0].body, { task_id: 11, unsent: [9, 10] });
});

test("short names of any script are a part of the path", async () => {
  const requests = serve(() => ({}));
  await progress("a/b?");
  await standing("a/b?");
  assert.match(requests[0].path, /^\/api\/project\/a%2Fb%3F\/userprogress\?/);
  assert.equal(requests[1].path, "/project/a%2Fb%3F/frame-token");
});
