// Sends the queue, in order, one tab at a time, until the server has every answer.

import { Away, Refused, submit } from "./api.js";

const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 60000;
const LOCK = "workbee-send-answers";

export class Sender extends EventTarget {
  constructor(queue) {
    super();
    this.queue = queue;
    this.pause = FIRST_PAUSE;
    this.timer = 0;
    this.running = null;
    this.again = false;
    this.waiting = new Map();
    addEventListener("online", () => this.wake());
    addEventListener("pagehide", () => this.flushUndoable());
    document.addEventListener("visibilitychange", () => document.hidden && this.flushUndoable());
  }

  // Resolves with the stored run once the server has this answer; rejects if it refuses it for good.
  sent(key) {
    return new Promise((resolve, reject) => this.waiting.set(key, { resolve, reject }));
  }

  wake() {
    clearTimeout(this.timer);
    this.again = true;
    this.running ??= this.run().finally(() => {
      this.running = null;
      if (this.again) this.wake();
    });
    return this.running;
  }

  flushUndoable() {
    this.hurry = true;
    this.wake();
  }

  async run() {
    this.again = false;
    const send = () => this.sendAll();
    await (navigator.locks ? navigator.locks.request(LOCK, send) : send());
    this.hurry = false;
    await this.announce();
  }

  async announce() {
    const left = (await this.queue.mine()).length;
    this.dispatchEvent(new CustomEvent("count", { detail: left }));
  }

  async sendAll() {
    for (;;) {
      const answers = await this.queue.mine();
      this.dispatchEvent(new CustomEvent("count", { detail: answers.length }));
      const [next, later] = answers;
      if (!next) return;
      const wait = later || this.hurry ? 0 : next.undoableUntil - Date.now();
      if (wait > 0) {
        this.timer = setTimeout(() => this.wake(), wait);
        return;
      }
      if (!(await this.sendOne(next))) return;
    }
  }

  // False where it has to wait.
  async sendOne(answer) {
    try {
      const run = await submit(answer);
      await this.forget(answer.key, (waiting) => waiting.resolve(run));
      this.pause = FIRST_PAUSE;
      return true;
    } catch (error) {
      if (error instanceof Away) {
        this.postpone(error.pause);
        return false;
      }
      if (!(error instanceof Refused)) throw error;
      if (error.status === 401) {
        // Signed out meanwhile: the answer stays until its volunteer is back.
        this.dispatchEvent(new CustomEvent("signedout"));
        this.postpone(LONGEST_PAUSE);
        return false;
      }
      await this.forget(answer.key, (waiting) => waiting.reject(error));
      this.dispatchEvent(new CustomEvent("refused", { detail: error }));
      return true;
    }
  }

  async forget(key, settle) {
    await this.queue.remove(key);
    const waiting = this.waiting.get(key);
    this.waiting.delete(key);
    if (waiting) settle(waiting);
  }

  postpone(asked) {
    this.dispatchEvent(new CustomEvent("away"));
    const pause = Math.max(this.pause, Math.min(asked, LONGEST_PAUSE)) * (0.8 + 0.4 * Math.random());
    this.pause = Math.min(2 * this.pause, LONGEST_PAUSE);
    this.timer = setTimeout(() => this.wake(), pause);
  }
}
