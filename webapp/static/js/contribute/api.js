// Calls to our own API from the page around a presenter, with this browser's cookie.

import { projectPath } from "../site/addresses.js";

/** @import { Task } from "../guest/bridge.js" */
/** @import { Answer } from "./queue.js" */

export class Refused extends Error {
  /**
   * The server has said no: trying again changes nothing.
   * @param {number} status
   * @param {string} text
   */
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

export class Away extends Error {
  // The line or the server is away, or asks for patience (`pause`, in ms).
  constructor(pause = 0) {
    super("away");
    this.pause = pause;
  }
}

// The server is there, and has failed at this very request.
export class Failed extends Away {}

const PATIENCE = 15000;
const FAILED = 500;
// Statuses by which servers, and proxies in front of them, ask for another try.
const TRY_AGAIN = new Set([408, 425, 429]);
const TOO_LARGE = 413;

/** @param {string} path @param {RequestInit} options */
async function call(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE), ...options });
  } catch {
    throw new Away();
  }
  if (response.status === FAILED) throw new Failed();
  if (response.status > FAILED || TRY_AGAIN.has(response.status)) {
    throw new Away(1000 * (Number(response.headers.get("Retry-After")) || 0));
  }
  const body = await response.json().catch(() => null);
  if (response.ok && body) return { body, response };
  // What is no JSON is not our server's word: somebody on the way, such as a hotel's sign-in page.
  if (!body && response.status !== TOO_LARGE) throw new Away();
  throw new Refused(response.status, body?.exception_msg || body?.description || response.statusText || `Status ${response.status}`);
}

/**
 * 
 * @param {string} path @param {object} document @param {Record<string, string>} headers @param {RequestInit} options
 */
function post(path, document, headers = {}, options = {}) {
  return call(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(document),
    ...options,
  });
}

const ORDER = "orderby=priority_0&desc=true";

/**
 * The next task; `left` is "waiting" or "none" where there is no task.
 * @param {number} projectId @param {number} offset
 * @returns {Promise<{ task: Task | null, left: string, note?: string }>}
 */
export async function newTask(projectId, offset) {
  const { body, response } = await call(`/api/project/${projectId}/newtask?offset=${offset}&${ORDER}&_=${Date.now()}`);
  return { task: body.id ? body : null, left: response.headers.get("X-Workbee-Left") || "none", note: body.info?.error };
}

/**
 * The task after the one that is shown, whose slot is kept meanwhile, as are those of tasks with unsent answers; not `held` where the
 * slot of the task shown has gone.
 * @type {(projectId: number, shown: number | null, unsent: number[]) => Promise<{ task: Task | null, left: string, held: boolean }>}
 */
export const nextTask = async (projectId, shown, unsent) => (await post(`/api/project/${projectId}/next?${ORDER}`, { task_id: shown, unsent })).body;

/** @type {(id: number) => Promise<Task>} */
export const task = async (id) => (await call(`/api/task/${id}?_=${Date.now()}`)).body;
/** @type {(projectId: number, taskId: number) => Promise<boolean>} */
export const hold = async (projectId, taskId) => (await post(`/api/project/${projectId}/hold`, { task_id: taskId })).body.held;
/** @type {(shortName: string) => Promise<{ done: number, total: number }>} */
export const progress = async (shortName) => (await call(`/api/project/${encodeURIComponent(shortName)}/userprogress?_=${Date.now()}`)).body;
const JSON_PAGE = { headers: { "Content-Type": "application/json" } };

/**
 * Who contributes from this browser now, and a fresh token for the frame.
 * @type {(shortName: string) => Promise<{ who: string, token: string | null, guest: { origin: string, ticket: string } | null }>}
 */
export const standing = async (shortName) => (await call(projectPath(shortName, "frame-token"), JSON_PAGE)).body;
/** @type {(shortName: string) => Promise<{ overall_progress: number, n_volunteers: number }>} */
export const projectPage = async (shortName) => (await call(projectPath(shortName), JSON_PAGE)).body;
/** A task's own address gives leave to answer it. @param {Answer} answer */
export const lend = async (answer) => (await call(projectPath(answer.shortName, `task/${answer.taskId}`), JSON_PAGE)).body;

/** @param {Answer} answer @param {RequestInit} options */
const send = (answer, options = {}) =>
  post(
    "/api/taskrun",
    { project_id: answer.projectId, task_id: answer.taskId, info: answer.info },
    { "Idempotency-Key": answer.sendKey },
    options,
  );

/** @param {Answer} answer */
export async function submit(answer) {
  const { body } = await send(answer);
  if (body.task_id !== answer.taskId) throw new Away();
  return body;
}

/**
 * As the page goes: nobody is left to read what becomes of it, and the answer stays in the queue until somebody has.
 * @param {Answer} answer
 */
export function submitLeaving(answer) {
  send(answer, { keepalive: true, signal: null }).catch(() => {});
}
