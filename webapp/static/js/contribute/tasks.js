// Which task comes next: the one at hand and one fetched ahead, so that nobody waits between tasks on a good line.

import { Away, Refused, hold, newTask, nextTask, task as fetchTask } from "./api.js";

/** @import { Task } from "../guest/bridge.js" */

const POLL_FIRST = 3000;
const POLL_LONGEST = 30000;
const FLUSHING = 15000;
// On a good line an answer is delivered by then, and the next request has the contributor for itself.
const SETTLING = 300;
const MOST_UNSENT = 5;

/** @type {(ms: number) => Promise<void>} */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
/** @param {Promise<unknown>} promise @param {number} ms */
const atMost = (promise, ms) => Promise.race([promise, pause(ms)]);

export class Tasks extends EventTarget {
  /**
   * `queued` tells which tasks have an answer that is not sent yet; `settled` resolves when nothing is being sent; `flush`
   * sends at once what could still be taken back. Events: `gone`, the slot of the task that is shown has been taken meanwhile;
   * `waiting` while all tasks left are in other hands, and `waited` once there is one, or none is left.
   * @param {number} projectId
   * @param {{ queued: () => Promise<number[]>, settled: () => Promise<void>, flush: () => Promise<void> }} sending
   */
  constructor(projectId, { queued, settled, flush }) {
    super();
    this.projectId = projectId;
    this.queued = queued;
    this.settled = settled;
    this.flush = flush;
    this.memory = `workbee-skipped-${projectId}`;
    this.place = `workbee-task-${projectId}`;
    /** @type {Set<number>} */
    this.skipped = new Set(JSON.parse(sessionStorage.getItem(this.memory) || "[]"));
    /** @type {number | null} */
    this.current = null;
    /** @type {number | null} */
    this.asked = null;
    /** @type {Promise<void>} */
    this.answered = Promise.resolve();
    this.resolveAnswered = () => {};
  }

  /**
   * Until the line is back: nothing that a draw may do is lost by repeating it.
   * @template T @param {() => Promise<T>} request @returns {Promise<T>}
   */
  async patiently(request) {
    for (let wait = 1000; ; wait = Math.min(2 * wait, POLL_LONGEST)) {
      try {
        const answer = await request();
        if (wait > 1000) this.dispatchEvent(new CustomEvent("back"));
        return answer;
      } catch (error) {
        if (!(error instanceof Away)) throw error;
        this.dispatchEvent(new CustomEvent("away"));
        await Promise.race([pause(Math.max(wait, error.pause)), new Promise((go) => addEventListener("online", go, { once: true }))]);
      }
    }
  }

  /**
   * A task that is neither at hand, nor skipped, nor answered already with the answer still on its way.
   * @param {number} offset
   */
  async draw(offset) {
    const busy = new Set([...this.skipped, ...(await this.queued())]);
    if (offset > 0 && this.current) busy.add(this.current);
    for (let place = offset; ; place += 1) {
      const drawn = await this.patiently(() => newTask(this.projectId, place));
      const { task } = drawn;
      if (task && busy.has(task.id)) continue;
      // What is drawn further down the list is lent; shown at once, it is to be held like any other.
      if (task && offset === 0 && place > 0 && !(await this.patiently(() => hold(this.projectId, task.id)))) continue;
      return drawn;
    }
  }

  /** @param {number} taskId */
  begin(taskId) {
    if (taskId === this.current) return;
    this.current = taskId;
    sessionStorage.setItem(this.place, String(taskId));
    this.answered = new Promise((resolve) => (this.resolveAnswered = resolve));
  }

  /** @param {number} taskId */
  isAnswered(taskId) {
    if (taskId !== this.current) return;
    sessionStorage.removeItem(this.place);
    this.resolveAnswered();
  }

  /**
   * The first task of this visit: the one in the page's address, or where the volunteer was when they left, or the next.
   * @param {number | null} address
   */
  async first(address) {
    const taskId = address ?? Number(sessionStorage.getItem(this.place));
    if (!taskId || (await this.queued()).includes(taskId)) return this.untilThereIsOne();
    try {
      const held = await this.patiently(() => hold(this.projectId, taskId));
      // What was asked for is shown all the same, and an answer to it is kept.
      if (address) this.asked = address;
      else if (!held) return this.untilThereIsOne();
      return await this.patiently(() => fetchTask(taskId));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return this.untilThereIsOne();
    }
  }

  /**
   * While all tasks left are in other hands, ask again now and then; `{}` means that nothing is left.
   * @returns {Promise<Task | { id?: undefined }>}
   */
  async untilThereIsOne() {
    // What was answered a moment ago is drawn once more while its answer is on its way.
    await atMost(this.settled(), SETTLING);
    let hasWaited = false;
    for (let wait = POLL_FIRST; ; wait = Math.min(1.5 * wait, POLL_LONGEST)) {
      const drawn = await this.draw(0);
      if (!drawn.task && this.skipped.size) {
        // Nothing but what was skipped is left: it may be looked at once more.
        this.rememberSkipped(new Set());
        continue;
      }
      if (drawn.task || drawn.left !== "waiting" || drawn.note) {
        if (hasWaited) this.dispatchEvent(new CustomEvent("waited"));
        return drawn.task || {};
      }
      const unsent = (await this.queued()).length;
      if (unsent) {
        await this.settled();
        // It may have been the volunteer's own answer that was missing.
        if ((await this.queued()).length < unsent) continue;
      }
      hasWaited = true;
      this.dispatchEvent(new CustomEvent("waiting"));
      await pause(wait);
    }
  }

  // Fetched ahead, with its slot, while the slot of the task at hand is kept. If there is none, the answer to the task at hand
  // decides: it may be the last one, or not.
  async ahead() {
    const { current, answered } = this;
    await atMost(this.settled(), SETTLING);
    const task = await this.beside(current);
    if (task) return task;
    await answered;
    await atMost(this.flush(), FLUSHING);
    // A presenter that went on without an answer has passed over the last task: it is not given once more.
    const next = await this.untilThereIsOne();
    return next.id === current ? {} : next;
  }

  /** @param {number | null} current */
  async beside(current) {
    const unsent = (await this.queued()).filter((id) => id !== current).slice(-MOST_UNSENT);
    try {
      const { held, task } = await this.patiently(() => nextTask(this.projectId, current, unsent));
      if (!held && current !== this.asked) this.dispatchEvent(new CustomEvent("gone", { detail: current }));
      if (!task || !this.skipped.has(task.id)) return task;
    } catch (error) {
      // A task that was never drawn, of a presenter with ways of its own.
      if (!(error instanceof Refused)) throw error;
    }
    return (await this.draw(1)).task;
  }

  skip() {
    sessionStorage.removeItem(this.place);
    if (this.current) this.rememberSkipped(new Set([...this.skipped, this.current]));
  }

  /** @param {Set<number>} skipped */
  rememberSkipped(skipped) {
    this.skipped = skipped;
    sessionStorage.setItem(this.memory, JSON.stringify([...skipped]));
  }
}
