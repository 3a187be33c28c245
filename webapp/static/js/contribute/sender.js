// Sends the queue, in order, one tab at a time, until the server has every answer.

import { Away, Refused, lend, standing, submit, submitLeaving } from "./api.js";

const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 60000;
const USUAL = 2000;
const LOCK = "workbee-send-answers";

export class Sender extends EventTarget {
  constructor(queue) {
    super();
    this.queue = queue;
    this.pause = FIRST_PAUSE;
    this.timer = 0;
    this.counting = 0;
    this.running = null;
    this.again = false;
    this.hurry = false;
    this.waiting = new Map();
    addEventListener("online", () => this.wake());
    addEventListener("pagehide", () => this.leave());
    document.addEventListener("visibilitychange", () => document.hidden && this.wake(true));
  }

  // Answer for this answer's delivery: resolves with the stored run, rejects if the server refuses it for good.
  take(answer) {
    return new Promise((resolve, reject) => this.waiting.set(answer.key, { answer, resolve, reject }));
  }

  // Whether it could be taken back: what the server has stays with it.
  async giveBack(key) {
    const taken = await this.queue.remove(key);
    if (taken) this.waiting.delete(key);
    await this.announce();
    return taken;
  }

  // `hurry` sends also what could still be taken back.
  wake(hurry = false) {
    clearTimeout(this.timer);
    this.hurry ||= hurry;
    this.again = true;
    this.running ??= this.run().finally(() => {
      this.running = null;
      if (this.again) this.wake();
    });
    return this.running;
  }

  // The page goes: what it has not sent is sent by the browser itself. The same key makes a second delivery harmless.
  leave() {
    for (const { answer } of this.waiting.values()) submitLeaving(answer);
  }

  async run() {
    this.again = false;
    const send = () => this.sendAll();
    await (navigator.locks ? navigator.locks.request(LOCK, send) : send());
    await this.announce();
  }

  // How many answers are waiting for the line: not those that a good one carries away at once, nor those that may be taken back.
  async announce() {
    clearTimeout(this.counting);
    const due = (await this.queue.mine()).map((answer) => Math.max(answer.undoableUntil, answer.at) + USUAL - Date.now());
    this.dispatchEvent(new CustomEvent("count", { detail: due.filter((left) => left <= 0).length }));
    const soon = due.filter((left) => left > 0);
    if (soon.length) this.counting = setTimeout(() => this.announce(), Math.min(...soon) + 10);
  }

  async sendAll() {
    for (;;) {
      const answers = await this.queue.mine();
      const [next, later] = answers;
      if (!next) {
        this.hurry = false;
        return;
      }
      const wait = later || this.hurry ? 0 : next.undoableUntil - Date.now();
      if (wait > 0) {
        this.timer = setTimeout(() => this.wake(), wait);
        return;
      }
      if (!(await this.sendOne(next))) return;
      await this.announce();
    }
  }

  // False where it has to wait.
  async sendOne(answer) {
    try {
      const run = await this.deliver(answer);
      if (!run) return false;
      await this.forget(answer.key, (waiting) => waiting.resolve(run));
      this.pause = FIRST_PAUSE;
      this.dispatchEvent(new CustomEvent("delivered"));
      return true;
    } catch (error) {
      if (error instanceof Away) {
        this.postpone(error.pause);
        this.dispatchEvent(new CustomEvent("away"));
        return false;
      }
      if (!(error instanceof Refused)) throw error;
      await this.forget(answer.key, (waiting) => waiting.reject(error));
      this.dispatchEvent(new CustomEvent("refused", { detail: error }));
      return true;
    }
  }

  // The stored run; null where it waits for its volunteer to sign in again.
  async deliver(answer) {
    try {
      return await submit(answer);
    } catch (error) {
      if (!(error instanceof Refused && [401, 403].includes(error.status) && answer.shortName)) throw error;
      const { who } = await standing(answer.shortName);
      if (answer.who.startsWith("user:") && who !== answer.who) {
        this.dispatchEvent(new CustomEvent("signedout"));
        this.postpone(LONGEST_PAUSE);
        return null;
      }
      // Given to somebody who has signed in since, or so long ago that the server has forgotten: asked for once more by its address.
      await lend(answer);
      return submit(answer);
    }
  }

  async forget(key, settle) {
    await this.queue.remove(key);
    const waiting = this.waiting.get(key);
    this.waiting.delete(key);
    if (waiting) settle(waiting);
  }

  postpone(asked) {
    const pause = Math.max(this.pause, Math.min(asked, LONGEST_PAUSE)) * (0.8 + 0.4 * Math.random());
    this.pause = Math.min(2 * this.pause, LONGEST_PAUSE);
    this.timer = setTimeout(() => this.wake(), pause);
  }
}
