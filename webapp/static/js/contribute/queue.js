// The answers that the server does not have yet, kept in the browser: they survive a reload, a crash, a train tunnel. Each
// project has a queue of its own: the answers whose keys begin with `p<project>:`. What the server has refused for good is
// kept under `r:`, until its volunteer has saved it or let it go.

import { randomKey } from "../guest/frame.js";

/**
 * `sendKey` makes a second delivery harmless; `who` contributed it; `at` and `undoableUntil` are in ms since the epoch.
 * @typedef {{ key: string, sendKey: string, projectId: number, shortName: string, taskId: number, info: unknown, who: string,
 *   at: number, undoableUntil: number }} Answer
 */
/** @typedef {Answer & { reason: string, status: number }} RefusedAnswer */

const NAME = "workbee-answers";
const STORE = "answers";
const REFUSED = "r:";
const EVERY_QUEUE = "p";
/** @param {number} projectId */
const queueOf = (projectId) => `${EVERY_QUEUE}${projectId}:`;

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

// As long as the page: until the database has it, and for what that has no room for.
class InMemory {
  constructor() {
    /** @type {Map<string, Answer>} */
    this.answers = new Map();
  }
  /** @param {Answer} answer @param {string | null} replacing */
  async put(answer, replacing = null) {
    if (replacing) this.answers.delete(replacing);
    this.answers.set(answer.key, answer);
  }
  /** @param {string} prefix */
  async all(prefix) {
    return [...this.answers.values()].filter((answer) => answer.key.startsWith(prefix));
  }
  /** @param {string} prefix */
  async keys(prefix) {
    return [...this.answers.keys()].filter((key) => key.startsWith(prefix));
  }
  /** @param {string} key */
  async remove(key) {
    return this.answers.delete(key);
  }
}

class InDatabase {
  /** @param {IDBDatabase} database */
  constructor(database) {
    this.database = database;
  }
  /** @param {IDBTransactionMode} mode */
  store(mode) {
    const transaction = this.database.transaction(STORE, mode, { durability: "strict" });
    const done = new Promise((ok, no) => {
      transaction.oncomplete = ok;
      transaction.onerror = transaction.onabort = () => no(transaction.error);
    });
    return { store: transaction.objectStore(STORE), done };
  }
  /**
   * In one step with the removal of the answer that it replaces.
   * @param {Answer} answer @param {string | null} replacing
   */
  async put(answer, replacing = null) {
    const { store, done } = this.store("readwrite");
    if (replacing) store.delete(replacing);
    store.put(answer);
    await done;
  }
  /** @param {string} prefix @returns {Promise<Answer[]>} */
  async all(prefix) {
    return settled(this.store("readonly").store.getAll(IDBKeyRange.bound(prefix, `${prefix}\uffff`)));
  }
  /** @param {string} prefix */
  async keys(prefix) {
    return (await settled(this.store("readonly").store.getAllKeys(IDBKeyRange.bound(prefix, `${prefix}\uffff`)))).map(String);
  }
  /** @param {string} key */
  async remove(key) {
    const { store, done } = this.store("readwrite");
    const there = await settled(store.getKey(key));
    store.delete(key);
    await done;
    return there !== undefined;
  }
}

// Null where a browser lends no database (some private windows).
async function open() {
  try {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
    const stored = new InDatabase(await settled(request));
    await adopt(stored).catch(() => {});
    return stored;
  } catch {
    return null;
  }
}

/**
 * What an older version of this page has queued, all projects in one row and under bare keys. It took anything, also what cannot be sent.
 * @param {InDatabase} stored
 */
async function adopt(stored) {
  /** @param {string} key */
  const isOld = (key) => !key.includes(":");
  if (!(await stored.keys("")).some(isOld)) return;
  for (const answer of await stored.all("")) {
    if (!isOld(answer.key)) continue;
    const queued = { ...answer, sendKey: answer.key, key: queueOf(answer.projectId) + answer.key, who: String(answer.who ?? "") };
    const text = asJson(answer.info);
    /** @type {Answer | RefusedAnswer} */
    const adopted =
      text === null
        ? { ...queued, key: REFUSED + queued.key, info: asJson(answer.info, readable()), reason: "It cannot be written as JSON.", status: 0 }
        : { ...queued, info: JSON.parse(text) };
    await stored.put(adopted, answer.key);
  }
}

/** @typedef {(key: string, value: unknown) => unknown} Replacer */

/** @param {unknown} value @param {Replacer} [replacer] */
function asJson(value, replacer) {
  try {
    return JSON.stringify(value ?? null, replacer) ?? "null";
  } catch {
    return null;
  }
}

/** For people: numbers beyond JSON as text, and what repeats once. @returns {Replacer} */
function readable() {
  const seen = new WeakSet();
  return (_key, value) => {
    if (typeof value === "bigint") return String(value);
    if (!value || typeof value !== "object") return value;
    if (seen.has(value)) return "…";
    seen.add(value);
    return value;
  };
}

// Answers of whoever contributes here (`who`): those of somebody else on the same machine wait for them to sign in again.
// Events: `refused` as the answers that the server has refused become more or fewer; `unsafe` where one lives as long as the page only.
export class Queue extends EventTarget {
  /** @param {string} who */
  constructor(who) {
    super();
    this.who = who;
    this.memory = new InMemory();
    this.opened = open();
  }

  /**
   * It counts as queued at once; resolves when it is safe.
   * @param {{ projectId: number, shortName: string, taskId: number, info: unknown, undoableUntil?: number }} given
   */
  async add({ projectId, shortName, taskId, info, undoableUntil = 0 }) {
    const sendKey = randomKey();
    const key = queueOf(projectId) + sendKey;
    const answer = { key, sendKey, projectId, shortName, taskId, info, who: this.who, at: Date.now(), undoableUntil };
    await this.put(answer);
    return answer;
  }

  /** @param {Answer} answer @param {string | null} replacing */
  async put(answer, replacing = null) {
    await this.memory.put(answer, replacing);
    try {
      const stored = await this.opened;
      if (!stored) throw new Error("This browser lends no database.");
      await stored.put(answer, replacing);
      // Where it was taken back or delivered meanwhile, there is nothing to keep.
      if (!(await this.memory.remove(answer.key))) await stored.remove(answer.key);
    } catch {
      this.dispatchEvent(new CustomEvent("unsafe"));
    }
  }

  /** @param {string} prefix */
  async mine(prefix) {
    // A database may fail while the page is open: what is in memory is sent all the same.
    const stored = (await (await this.opened)?.all(prefix).catch(() => [])) ?? [];
    const found = new Map([...stored, ...(await this.memory.all(prefix))].map((answer) => [answer.key, answer]));
    const mine = [...found.values()].filter((answer) => answer.who === this.who || !answer.who.startsWith("user:"));
    return mine.sort((a, b) => a.at - b.at);
  }

  /** @param {number} projectId */
  waiting(projectId) {
    return this.mine(queueOf(projectId));
  }

  /** The projects, beside this one, that have answers waiting. @param {number} projectId */
  async otherProjects(projectId) {
    const keys = (await (await this.opened)?.keys(EVERY_QUEUE).catch(() => [])) ?? [];
    const ids = new Set(keys.map((key) => Number.parseInt(key.slice(EVERY_QUEUE.length), 10)));
    ids.delete(projectId);
    return [...ids];
  }

  // Those that the server will never take, each with the `reason` and the `status` of its refusal.
  async refused() {
    return /** @type {RefusedAnswer[]} */ (await this.mine(REFUSED));
  }

  /** @param {Answer} answer @param {Error & { status?: number }} error */
  async refuse(answer, error) {
    /** @type {RefusedAnswer} */
    const refused = { ...answer, key: REFUSED + answer.key, reason: error.message, status: error.status ?? 0 };
    await this.put(refused, answer.key);
    this.dispatchEvent(new CustomEvent("refused"));
  }

  /** Whether it was still there. @param {string} key */
  async remove(key) {
    const inMemory = await this.memory.remove(key);
    const stored = await (await this.opened)?.remove(key).catch(() => false);
    if (key.startsWith(REFUSED)) this.dispatchEvent(new CustomEvent("refused"));
    return inMemory || Boolean(stored);
  }

  // Whether anything would be lost with this page.
  get isUnsafe() {
    return this.memory.answers.size > 0;
  }
}
