// The page around a presenter: gives it tasks, takes its answers, shows progress. The presenter is a guest in a frame of its own.

import * as api from "./api.js";
import { Queue } from "./queue.js";
import { Sender } from "./sender.js";
import { Tasks } from "./tasks.js";
import { View } from "./view.js";

const UNDO_TIME = 6000;
const TOKEN_LIFE = 10 * 60 * 1000;

const page = document.getElementById("contribute");
const config = JSON.parse(page.dataset.config);
const frame = document.getElementById("presenter");
const view = new View(document, config);
const queue = new Queue(config.who);
const sender = new Sender(queue);

const tasks = new Tasks(config.project_id, {
  queued: async () => (await queue.mine()).filter((answer) => answer.projectId === config.project_id).map((answer) => answer.taskId),
  settled: () => sender.running ?? Promise.resolve(),
});

const given = new Map();
let started = false;

async function currentProgress() {
  const known = await api.progress(config.short_name).catch(() => ({ done: view.done, total: view.total }));
  const pending = (await queue.mine()).filter((answer) => answer.projectId === config.project_id).length;
  return { done: Math.min(known.done + pending, known.total), total: known.total };
}

async function refreshProgress() {
  view.progress(await currentProgress());
}

// Give the task to the presenter, and remember it: an answer is taken for tasks that were given only.
function give(task) {
  if (task.id) given.set(task.id, task);
  return task;
}

const methods = {
  project: () => ({ id: config.project_id, short_name: config.short_name, description: config.description, name: config.name }),

  async draw({ offset }) {
    if (!started) {
      started = true;
      return give(await tasks.first(config.task_id));
    }
    return give(await (offset ? tasks.ahead() : tasks.untilThereIsOne()));
  },

  async task({ id }) {
    const number = Number(id);
    started = true;
    return given.get(number) ?? give(await tasks.patiently(() => api.task(number)));
  },

  progress: currentProgress,

  async confirm({ id }) {
    const other = await tasks.confirm(id);
    return other && give(other);
  },

  // Resolves once the answer is safe in this browser: from here on it cannot be lost, and the volunteer goes on.
  async save({ task, info, options }) {
    if (!given.has(task.id)) throw new Error("This task was not given here.");
    const undoable = options?.undoable ? Date.now() + UNDO_TIME : 0;
    const answer = await queue.add(config.project_id, task.id, info, undoable);
    const sent = sender.sent(answer.key);
    sent.then(refreshProgress, () => {});
    tasks.answer?.();
    view.saved();
    view.progress({ done: Math.min(view.done + 1, view.total), total: view.total });
    sender.wake();
    return { id: null, project_id: config.project_id, task_id: task.id, info, queued: true };
  },

  async takeBack({ id }) {
    const answer = (await queue.mine()).find((one) => one.taskId === id && one.projectId === config.project_id);
    const taken = answer ? await queue.remove(answer.key) : false;
    await sender.announce();
    await refreshProgress();
    return taken;
  },

  shown({ id }) {
    if (!id) return view.finished();
    tasks.begin(id);
    view.present();
    history.replaceState({ task: id }, "", `/project/${config.short_name}/task/${id}`);
  },

  navigate({ href }) {
    const target = new URL(href, location.href);
    if (target.origin !== location.origin) open(target, "_blank", "noopener");
    else if (target.pathname.startsWith(`/project/${config.short_name}/`)) location.assign(target);
  },
};

async function answerMessage(event) {
  const message = event.data;
  // The frame's origin is opaque ("null"): who sends is told by the window, and by the channel that this page drew.
  if (event.source !== frame.contentWindow || message?.workbee !== config.channel) return;
  const method = Object.hasOwn(methods, message.method) ? methods[message.method] : null;
  if (!method) return;
  const reply = (rest) => message.id && frame.contentWindow?.postMessage({ workbee: config.channel, id: message.id, ...rest }, "*");
  try {
    reply({ ok: true, result: (await method(message.args ?? {})) ?? null });
  } catch (error) {
    view.trouble(error.message);
    reply({ ok: false, error: String(error.message) });
  }
}

addEventListener("message", answerMessage);

async function renewToken() {
  const token = await api.frameToken(config.short_name).catch(() => null);
  if (token) frame.contentWindow?.postMessage({ workbee: config.channel, token }, "*");
}
setInterval(renewToken, TOKEN_LIFE);

sender.addEventListener("count", (event) => view.waitingAnswers(event.detail));
sender.addEventListener("away", () => view.offline(true));
sender.addEventListener("refused", (event) => view.trouble(event.detail.message));
sender.addEventListener("signedout", () => view.signedOut());
tasks.addEventListener("away", () => view.offline(true));
tasks.addEventListener("waiting", () => view.waiting());
tasks.addEventListener("found", () => view.present());
addEventListener("online", () => view.offline(false));

document.querySelector("[data-skip]")?.addEventListener("click", async () => {
  tasks.skip();
  location.assign(`/project/${config.short_name}/newtask`);
});

frame.addEventListener("load", () => frame.focus());
frame.src = config.frame_url;
sender.wake();
refreshProgress();
