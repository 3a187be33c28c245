// The page around a presenter: gives it tasks, takes its answers, shows progress. The presenter is a guest in a frame of its own.

import { GuestFrame } from "../guest/frame.js";
import { projectPath } from "../site/addresses.js";
import * as api from "./api.js";
import { Queue } from "./queue.js";
import { Sender } from "./sender.js";
import { Tasks } from "./tasks.js";
import { View } from "./view.js";

const UNDO_TIME = 6000;
const TOKEN_LIFE = 10 * 60 * 1000;
const GRACE = 200;

const config = JSON.parse(document.getElementById("contribute").dataset.config);
const frame = document.getElementById("presenter");
const view = new View(document, config);
const queue = new Queue(config.who);
const sender = new Sender(queue);
const ownAnswers = async () => (await queue.mine()).filter((answer) => answer.projectId === config.project_id);

const tasks = new Tasks(config.project_id, {
  queued: async () => (await ownAnswers()).map((answer) => answer.taskId),
  settled: () => sender.running ?? Promise.resolve(),
  flush: () => sender.wake(true),
});

const given = new Map();
let started = false;

async function currentProgress() {
  const known = await api.progress(config.short_name).catch(() => ({ done: view.done, total: view.total }));
  const pending = (await ownAnswers()).length;
  return { done: Math.min(known.done + pending, known.total), total: known.total };
}

// One at a time, and the last word to the last: a count that was overtaken must not stand.
let refreshing = null;
let refreshAgain = false;
function refreshProgress() {
  refreshAgain = true;
  refreshing ??= (async () => {
    while (refreshAgain) {
      refreshAgain = false;
      const progress = await currentProgress();
      if (!refreshAgain) view.progress(progress);
    }
    refreshing = null;
  })();
  return refreshing;
}

// Give the task to the presenter, and remember it: an answer is taken for tasks that were given only.
function give(task) {
  if (task.id) given.set(task.id, task);
  return task;
}

async function finish() {
  view.finished();
  await sender.wake(true);
  await refreshProgress();
  view.projectDone(await api.projectPage(config.short_name).catch(() => null));
}

const methods = {
  project: () => ({ id: config.project_id, short_name: config.short_name, description: config.description, name: config.name }),

  async draw({ offset, current }) {
    if (current) tasks.begin(current);
    if (!started) {
      started = true;
      return give(config.task_id ? await tasks.atAddress(config.task_id) : await tasks.untilThereIsOne());
    }
    return give(await (offset ? tasks.ahead() : tasks.untilThereIsOne()));
  },

  async task({ id }) {
    const number = Number(id);
    const first = !started && number === config.task_id;
    started = true;
    if (first) return give(await tasks.atAddress(number));
    if (given.has(number)) return given.get(number);
    const task = await tasks.patiently(() => api.task(number));
    // Read with the volunteer's own cookie, who may see drafts and closed projects that are none of this presenter's business.
    if (task.project_id !== config.project_id) throw new Error("This task belongs to another project.");
    return give(task);
  },

  progress: currentProgress,

  async confirm({ id }) {
    const other = await tasks.confirm(id);
    return other && give(other);
  },

  // Resolves once the answer is safe in this browser: from here on it cannot be lost, and the volunteer goes on. On a good line
  // the server's own record of it comes soon enough to be given.
  async save({ task, info, options }) {
    if (!given.has(task.id)) throw new Error("This task was not given here.");
    const undoableUntil = options?.undoable ? Date.now() + UNDO_TIME : 0;
    const answer = await queue.add({ projectId: config.project_id, shortName: config.short_name, taskId: task.id, info, undoableUntil });
    const sent = sender.take(answer).catch(() => null);
    tasks.isAnswered(task.id);
    view.saved();
    view.progress({ done: Math.min(view.done + 1, view.total), total: view.total });
    sender.wake();
    const stored = undoableUntil ? null : await Promise.race([sent, new Promise((go) => setTimeout(go, GRACE))]);
    return stored ?? { id: null, project_id: config.project_id, task_id: task.id, info, queued: true };
  },

  async takeBack({ id }) {
    const answer = (await ownAnswers()).find((one) => one.taskId === id);
    const taken = answer ? await sender.giveBack(answer.key) : false;
    await refreshProgress();
    return taken;
  },

  shown({ id }) {
    if (!id) return finish();
    // It goes into the address, which is to tell where the volunteer is and not what a guest would have it say.
    if (!given.has(id)) throw new Error("This task was not given here.");
    tasks.begin(id);
    view.present();
    focusFrame();
    history.replaceState({ task: id }, "", projectPath(config.short_name, `task/${id}`));
  },
};

const guest = new GuestFrame(frame, { frame: config, methods, renew: () => api.standing(config.short_name).catch(() => null) });
guest.onerror = (error) => view.trouble(error.message);

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

sender.addEventListener("count", (event) => view.waitingAnswers(event.detail));
sender.addEventListener("away", () => view.offline(true));
sender.addEventListener("delivered", () => {
  view.offline(false);
  refreshProgress();
});
sender.addEventListener("refused", (event) => view.trouble(event.detail.message));
sender.addEventListener("signedout", () => view.signedOut());
tasks.addEventListener("away", () => view.offline(true));
tasks.addEventListener("back", () => view.offline(false));
tasks.addEventListener("waiting", () => view.waiting());
tasks.addEventListener("found", () => view.present());
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
sender.wake();
refreshProgress();
