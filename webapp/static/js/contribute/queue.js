// The answers that the server does not have yet, kept in the browser: they survive a reload, a crash, a train tunnel.

import { randomKey } from "../guest/frame.js";

const NAME = "workbee-answers";
const STORE = "answers";

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

// Where a browser lends no database (some private windows), answers live as long as the page.
class InMemory {
  constructor() {
    this.answers = new Map();
  }
  async add(answer) {
    this.answers.set(answer.key, answer);
  }
  async all() {
    return [...this.answers.values()];
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
  async add(answer) {
    const { store, done } = this.store("readwrite");
    store.put(answer);
    await done;
  }
  async all() {
    const answers = await settled(this.store("readonly").store.getAll());
    return answers.sort((a, b) => a.at - b.at);
  }
  async remove(key) {
    const { store, done } = this.store("readwrite");
    const there = await settled(store.getKey(key));
    store.delete(key);
    await done;
    return there !== undefined;
  }
}

async function open() {
  try {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
    return new InDatabase(await settled(request));
  } catch {
    return new InMemory();
  }
}

// Answers of whoever contributes here (`who`): those of somebody else on the same machine wait for them to sign in again.
export class Queue {
  constructor(who) {
    this.who = who;
    this.opened = open();
  }
  async add({ projectId, shortName, taskId, info, undoableUntil = 0 }) {
    const answer = { key: randomKey(), projectId, shortName, taskId, info, who: this.who, at: Date.now(), undoableUntil };
    await (await this.opened).add(answer);
    return answer;
  }
  async mine() {
    const answers = await (await this.opened).all();
    return answers.filter((answer) => answer.who === this.who || !answer.who.startsWith("user:"));
  }
  // Whether it was still there.
  async remove(key) {
    return (await this.opened).remove(key);
  }
}
