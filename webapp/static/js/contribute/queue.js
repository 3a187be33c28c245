// The answers that the server does not have yet, kept in the browser: they survive a reload, a crash, a train tunnel. Each
// project has a queue of its own: the answers whose keys begin with `p<project>:`. What the server has refused for good is
// kept under `r:`, until its volunteer has saved it or let it go.

import { randomKey } from "../guest/frame.js";

const NAME = "workbee-answers";
const STORE = "answers";
const REFUSED = "r:";
const EVERY_QUEUE = "p";
const queueOf = (projectId) => `${EVERY_QUEUE}${projectId}:`;

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

// As long as the page: until the database has it, and for what that has no room for.
class InMemory {
  constructor() {
    this.answers = new Map();
  }
  async put(answer, replacing = null) {
    this.answers.delete(replacing);
    this.answers.set(answer.key, answer);
  }
  async all(prefix) {
    return [...this.answers.values()].filter((answer) => answer.key.startsWith(prefix));
  }
  async keys(prefix) {
    return [...this.answers.keys()].filter((key) => key.startsWith(prefix));
  }
  async remove(key) {
    return this.answers.delete(key);
  }
}

class InDatabase {
  constructor(database) {
    this.database = database;
  }
  store(mode) {
    const transaction = this.database.transaction(STORE, mode, { durability: "strict" });
    const done = new Promise((ok, no) => {
      transaction.oncomplete = ok;
      transaction.onerror = transaction.onabort = () => no(transaction.error);
    });
    return { store: transaction.objectStore(STORE), done };
  }
  // In one step with the removal of the answer that it replaces.
  async put(answer, replacing = null) {
    const { store, done } = this.store("readwrite");
    if (replacing) store.delete(replacing);
    store.put(answer);
    await done;
  }
  async all(prefix) {
    return settled(this.store("readonly").store.getAll(IDBKeyRange.bound(prefix, `${prefix}\uffff`)));
  }
  async keys(prefix) {
    return settled(this.store("readonly").store.getAllKeys(IDBKeyRange.bound(prefix, `${prefix}\uffff`)));
  }
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

// What an older version of this page has queued, all projects in one row and under bare keys. It took anything, also what
// cannot be sent.
async function adopt(stored) {
  const isOld = (key) => !key.includes(":");
  if (!(await stored.keys("")).some(isOld)) return;
  for (const answer of await stored.all("")) {
    if (!isOld(answer.key)) continue;
    const queued = { ...answer, sendKey: answer.key, key: queueOf(answer.projectId) + answer.key, who: String(answer.who ?? "") };
    const text = asJson(answer.info);
    await stored.put(
      text === null
        ? { ...queued, key: REFUSED + queued.key, info: asJson(answer.info, readable()), reason: "It cannot be written as JSON.", status: 0 }
        : { ...queued, info: JSON.parse(text) },
      answer.key,
    );
  }
}

function asJson(value, replacer = undefined) {
  try {
    return JSON.stringify(value ?? null, replacer) ?? "null";
  } catch {
    return null;
  }
}

// For people: numbers beyond JSON as text, and what repeats once.
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
  constructor(who) {
    super();
    this.who = who;
    this.memory = new InMemory();
    this.opened = open();
  }

  // It counts as queued at once; resolves when it is safe.
  async add({ projectId, shortName, taskId, info, undoableUntil = 0 }) {
    const sendKey = randomKey();
    const key = queueOf(projectId) + sendKey;
    const answer = { key, sendKey, projectId, shortName, taskId, info, who: this.who, at: Date.now(), undoableUntil };
    await this.put(answer);
    return answer;
  }

  async put(answer, replacing = null) {
    this.memory.put(answer, replacing);
    try {
      const stored = await this.opened;
      await stored.put(answer, replacing);
      // Where it was taken back or delivered meanwhile, there is nothing to keep.
      if (!(await this.memory.remove(answer.key))) await stored.remove(answer.key);
    } catch {
      this.dispatchEvent(new CustomEvent("unsafe"));
    }
  }

  async mine(prefix) {
    const stored = (await (await this.opened)?.all(prefix)) ?? [];
    const found = new Map([...stored, ...(await this.memory.all(prefix))].map((answer) => [answer.key, answer]));
    const mine = [...found.values()].filter((answer) => answer.who === this.who || !answer.who.startsWith("user:"));
    return mine.sort((a, b) => a.at - b.at);
  }

  waiting(projectId) {
    return this.mine(queueOf(projectId));
  }

  // The projects, beside this one, that have answers waiting.
  async otherProjects(projectId) {
    const keys = (await (await this.opened)?.keys(EVERY_QUEUE)) ?? [];
    const ids = new Set(keys.map((key) => Number.parseInt(key.slice(EVERY_QUEUE.length), 10)));
    ids.delete(projectId);
    return [...ids];
  }

  // Those that the server will never take, each with the `reason` and the `status` of its refusal.
  refused() {
    return this.mine(REFUSED);
  }

  async refuse(answer, error) {
    await this.put({ ...answer, key: REFUSED + answer.key, reason: error.message, status: error.status ?? 0 }, answer.key);
    this.dispatchEvent(new CustomEvent("refused"));
  }

  // Whether it was still there.
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
