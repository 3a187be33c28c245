// The page around a presenter: gives it tasks, takes its answers, shows progress. The presenter is a guest in a frame of its own.

import { GuestFrame } from "../guest/frame.js";
import { projectPath } from "../site/addresses.js";
import * as api from "./api.js";
import { Keys } from "./keys.js";
import { Progress } from "./progress.js";
import { Queue } from "./queue.js";
import { Sender } from "./sender.js";
import { Tasks } from "./tasks.js";
import { View, worded } from "./view.js";

/** @import { Methods, Task } from "../guest/bridge.js" */
/** @import { Config } from "./view.js" */

const UNDO_TIME = 6000;
const TOKEN_LIFE = 10 * 60 * 1000;
const MOST_OWN_DRAWS = 100;

const { config: facts = "", texts = "" } = document.getElementById("contribute")?.dataset ?? {};
/** @type {Config} */
const config = { ...JSON.parse(facts), texts: JSON.parse(texts) };
const frame = /** @type {HTMLIFrameElement} */ (document.getElementById("presenter"));
const view = new View(document, config);
const queue = new Queue(config.who);
const sender = new Sender(queue, config.project_id);
const waiting = () => queue.waiting(config.project_id);

const tasks = new Tasks(config.project_id, {
  queued: async () => (await waiting()).map((answer) => answer.taskId),
  settled: () => adding.then(() => sender.running ?? undefined),
  flush: () => sender.wake(true),
});

const progress = new Progress(config, {
  fetchProgress: () => api.progress(config.short_name),
  isSettled: async () => !(await waiting()).length,
});

/** @type {Map<number, Task>} */
const given = new Map();
/**
 * By task, what its first answer has come to: a second press is the same answer.
 * @type {Map<number, Promise<object>>}
 */
const answered = new Map();
/** Until the answer that was given last is safe in this browser. @type {Promise<unknown>} */
let adding = Promise.resolve();
let started = false;
let ownDraws = 0;

async function refreshProgress() {
  view.progress(await progress.refresh());
}

/**
 * Give the task to the presenter, and remember it: an answer is taken for tasks that were given only.
 * @param {Task | { id?: undefined }} task
 */
function give(task) {
  if (task.id) given.set(task.id, task);
  return task;
}

async function finish() {
  view.finished();
  guest.tell({ measure: true });
  await sender.wake(true);
  await refreshProgress();
  view.projectDone(await api.projectPage(config.short_name).catch(() => null));
}

/**
 * Resolves once the answer is safe in this browser: from here on it cannot be lost, and the volunteer goes on. A presenter that
 * draws by itself goes on once the server has it, which would give it the same task again before.
 * @param {number} taskId @param {unknown} info @param {number} undoableUntil
 */
async function keep(taskId, info, undoableUntil) {
  view.saved();
  view.progress(progress.add(1));
  tasks.isAnswered(taskId);
  const added = queue.add({ projectId: config.project_id, shortName: config.short_name, taskId, info, undoableUntil });
  adding = added;
  const answer = await added;
  if (given.has(taskId)) void sender.take(answer);
  else await sender.deliverOrRefuse(answer);
  return { id: null, project_id: config.project_id, task_id: taskId, info, queued: true };
}

/** @type {Methods} */
const methods = {
  project: () => ({ id: config.project_id, short_name: config.short_name, description: config.description, name: config.name }),

  async draw({ offset, current }) {
    if (current) tasks.begin(Number(current));
    const address = started ? null : config.task_id;
    started = true;
    return give(await (offset ? tasks.ahead() : tasks.first(address)));
  },

  async task({ id }) {
    const number = Number(id);
    const first = !started && number === config.task_id;
    started = true;
    if (first) return give(await tasks.first(number));
    if (given.has(number)) return given.get(number);
    const task = await tasks.patiently(() => api.task(number));
    // Read with the volunteer's own cookie, who may see drafts and closed projects that are none of this presenter's business.
    if (task.project_id !== config.project_id) throw new Error("This task belongs to another project.");
    return give(task);
  },

  progress: () => progress.refresh(),

  save(args) {
    const { task, info = null, options } = /** @type {{ task?: Partial<Task>, info?: unknown, options?: { undoable?: unknown } }} */ (args);
    const id = Number(task?.id);
    // A presenter that draws by itself was given tasks that this page has not heard of: whether they were is with the server.
    const isOwnDraw = Number.isInteger(id) && task?.project_id === config.project_id;
    if (!given.has(id) && !isOwnDraw) throw new Error("This task was not given here.");
    // Each of these may come to nothing, and counts as an answer of the volunteer's all the same.
    if (!given.has(id) && !answered.has(id) && (ownDraws += 1) > MOST_OWN_DRAWS) throw new Error("Too many tasks that were not given here.");
    if (!answered.has(id)) answered.set(id, keep(id, info, options?.undoable ? Date.now() + UNDO_TIME : 0));
    return answered.get(id);
  },

  async takeBack({ id }) {
    const answer = (await waiting()).find((one) => one.taskId === id);
    if (!answer || !(await sender.giveBack(answer.key))) return false;
    answered.delete(answer.taskId);
    view.progress(progress.add(-1));
    return true;
  },

  keys: () => keys.declare(),

  // The presenter is through with the task, whether its answer came this way or not: what is fetched ahead waits no longer.
  solved: ({ id }) => tasks.isAnswered(Number(id)),

  height: ({ height }) => view.fitFrame(Number(height)),

  shown({ id }) {
    if (!id) return finish();
    // It goes into the address, which is to tell where the volunteer is and not what a guest would have it say.
    if (typeof id !== "number" || !given.has(id)) throw new Error("This task was not given here.");
    tasks.begin(id);
    view.present();
    focusFrame();
    history.replaceState({ task: id }, "", projectPath(config.short_name, `task/${id}`));
  },
};

async function showRefused() {
  view.refused(await queue.refused(), (answer) => queue.remove(answer.key));
}

const guest = new GuestFrame(frame, {
  frame: config,
  methods,
  renew: () => api.standing(config.short_name).catch(() => null),
  failed: (error) => view.trouble(error.message),
});

const keys = new Keys(document.querySelector("[data-keys]"), (on) => guest.tell({ keys: on }));

let renewed = Date.now();
async function renewToken() {
  const standing = await api.standing(config.short_name).catch(() => null);
  if (!standing?.token) return;
  renewed = Date.now();
  guest.tell({ token: standing.token });
}
setInterval(renewToken, TOKEN_LIFE);
// A sleeping machine keeps no appointments.
document.addEventListener("visibilitychange", () => !document.hidden && Date.now() - renewed > TOKEN_LIFE && renewToken());

/** @param {EventTarget} target @param {string} name @param {(detail: any) => void} act */
const on = (target, name, act) => target.addEventListener(name, (event) => act(/** @type {CustomEvent} */ (event).detail));

on(sender, "count", (count) => view.waitingAnswers(count));
on(sender, "away", () => view.offline(true));
on(sender, "delivered", () => {
  view.offline(false);
  void refreshProgress();
});
on(sender, "refused", ({ answer, error }) => {
  if (answered.delete(answer.taskId)) view.progress(progress.add(-1));
  view.trouble(worded(config.texts.refused, { reason: error.message }));
});
on(sender, "signedout", () => view.signedOut());
on(queue, "refused", showRefused);
on(queue, "unsafe", () => view.trouble(config.texts.unsafe));
// What is in this page alone would go with it.
addEventListener("beforeunload", (event) => queue.isUnsafe && event.preventDefault());
on(tasks, "gone", (gone) => guest.tell({ gone }));
on(tasks, "away", () => view.offline(true));
on(tasks, "back", () => view.offline(false));
on(tasks, "waiting", () => view.waiting());
on(tasks, "waited", () => view.present());
addEventListener("online", () => view.offline(false));

document.querySelector("[data-skip]")?.addEventListener("click", () => {
  tasks.skip();
  location.assign(projectPath(config.short_name, "newtask"));
});

// Keys belong to the presenter, unless somebody is at the bar above it.
function focusFrame() {
  const at = document.activeElement;
  if (!at || at === document.body) frame.focus();
}
frame.addEventListener("load", focusFrame);
guest.open(config.frame_url);
void startSending();
void showRefused();

// What was given before, here and in other projects, each by a sender of its own: none waits for another.
async function startSending() {
  view.progress(progress.add((await waiting()).length));
  void sender.wake();
  for (const projectId of await queue.otherProjects(config.project_id)) void new Sender(queue, projectId).wake(true);
}
