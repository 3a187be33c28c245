// Sends one project's queue, in order, one tab at a time, until the server has every answer.

import { Away, Failed, Refused, lend, standing, submit, submitLeaving } from "./api.js";

/** @import { Answer, Queue } from "./queue.js" */

const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 60000;
const USUAL = 2000;
const UNAUTHORIZED = 401;
const FORBIDDEN = 403;

// The answer waits for its volunteer to sign in again.
class SignedOut extends Away {
  constructor() {
    super(LONGEST_PAUSE);
  }
}

export class Sender extends EventTarget {
  /** @param {Queue} queue @param {number} projectId */
  constructor(queue, projectId) {
    super();
    this.queue = queue;
    this.projectId = projectId;
    this.lock = `workbee-send-answers-${projectId}`;
    this.pause = FIRST_PAUSE;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.counting = undefined;
    /** @type {Promise<void> | null} */
    this.running = null;
    this.again = false;
    this.hurry = false;
    this.isAway = false;
    /** @type {Map<string, Answer>} */
    this.underway = new Map();
    /** @type {Map<string, { resolve: () => void, reject: (error: unknown) => void }>} */
    this.outcomes = new Map();
    addEventListener("online", () => this.wake());
    addEventListener("pagehide", () => this.leave());
    document.addEventListener("visibilitychange", () => document.hidden && this.wake(true));
  }

  /** Send this answer, and see to it as the page goes. @param {Answer} answer */
  take(answer) {
    this.underway.set(answer.key, answer);
    return this.wake();
  }

  /**
   * Send this answer. Resolves once the server has it, and rejects once it never will.
   * @param {Answer} answer @returns {Promise<void>}
   */
  deliverOrRefuse(answer) {
    /** @type {Promise<void>} */
    const outcome = new Promise((resolve, reject) => this.outcomes.set(answer.key, { resolve, reject }));
    void this.take(answer);
    return outcome;
  }

  /** Whether it could be taken back: what the server has stays with it. @param {string} key */
  async giveBack(key) {
    const taken = await this.queue.remove(key);
    if (taken) this.underway.delete(key);
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
      if (this.again) void this.wake();
    });
    return this.running;
  }

  // The page goes: what it has not sent is sent by the browser itself. The same key makes a second delivery harmless.
  leave() {
    for (const answer of this.underway.values()) submitLeaving(answer);
  }

  async run() {
    this.again = false;
    const send = () => this.sendAll();
    await (navigator.locks ? navigator.locks.request(this.lock, send) : send());
    await this.announce();
  }

  // How many answers are waiting for the line: not those that a good one carries away at once, nor those that may be taken back.
  async announce() {
    clearTimeout(this.counting);
    const answers = await this.queue.waiting(this.projectId);
    const due = answers.map((answer) => Math.max(answer.undoableUntil, answer.at) + USUAL - Date.now());
    const count = this.isAway ? answers.length : due.filter((left) => left <= 0).length;
    this.dispatchEvent(new CustomEvent("count", { detail: count }));
    const soon = due.filter((left) => left > 0);
    if (soon.length) this.counting = setTimeout(() => this.announce(), Math.min(...soon) + 10);
  }

  // One round, in order. One answer's failure stops no other; only where the line or the server is away the rest waits.
  async sendAll() {
    const failed = new Set();
    for (;;) {
      const [next, later] = (await this.queue.waiting(this.projectId)).filter((answer) => !failed.has(answer.key));
      if (!next) break;
      const wait = later || this.hurry ? 0 : next.undoableUntil - Date.now();
      if (wait > 0) {
        this.timer = setTimeout(() => this.wake(), wait);
        return;
      }
      const trouble = await this.sendOne(next);
      if (trouble instanceof Failed) failed.add(next.key);
      if (trouble) this.postpone(trouble.pause);
      if (trouble && !failed.has(next.key)) return;
      await this.announce();
    }
    this.hurry = false;
  }

  /**
   * What it has to wait for, if it was neither delivered nor refused.
   * @param {Answer} answer @returns {Promise<Away | null>}
   */
  async sendOne(answer) {
    try {
      await this.deliver(answer);
    } catch (error) {
      if (error instanceof Away) {
        this.isAway = !(error instanceof SignedOut || error instanceof Failed);
        this.dispatchEvent(new CustomEvent(error instanceof SignedOut ? "signedout" : "away"));
        return error;
      }
      // Also what we did not foresee: an answer that cannot be sent is kept for its volunteer, and holds up no other.
      await this.queue.refuse(answer, /** @type {Error} */ (error));
      this.underway.delete(answer.key);
      this.outcomes.get(answer.key)?.reject(error);
      this.outcomes.delete(answer.key);
      this.dispatchEvent(new CustomEvent("refused", { detail: { answer, error } }));
      return null;
    }
    await this.queue.remove(answer.key);
    this.underway.delete(answer.key);
    this.outcomes.get(answer.key)?.resolve();
    this.outcomes.delete(answer.key);
    this.pause = FIRST_PAUSE;
    this.isAway = false;
    this.dispatchEvent(new CustomEvent("delivered"));
    return null;
  }

  /**
   * The stored run. Raises Away while it cannot be delivered, Refused where it never will be.
   * @param {Answer} answer
   */
  async deliver(answer) {
    try {
      return await submit(answer);
    } catch (error) {
      if (!(error instanceof Refused && [UNAUTHORIZED, FORBIDDEN].includes(error.status) && answer.shortName)) throw error;
      const { who } = await standing(answer.shortName);
      if (answer.who.startsWith("user:") && who !== answer.who) throw new SignedOut();
      // Given to somebody who has signed in since, or so long ago that the server has forgotten: asked for once more by its address.
      await lend(answer);
      return submit(answer).catch((again) => {
        throw again.status === UNAUTHORIZED ? new SignedOut() : again;
      });
    }
  }

  /** @param {number} asked */
  postpone(asked) {
    const pause = Math.max(this.pause, Math.min(asked, LONGEST_PAUSE)) * (0.8 + 0.4 * Math.random());
    this.pause = Math.min(2 * this.pause, LONGEST_PAUSE);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.wake(), pause);
  }
}
