// A page without a document: what modules that draw nothing ask of their browser. Each call opens another one.

import { setMaxListeners } from "node:events";
import { mock } from "node:test";

/** @typedef {{ path: string, method: string, headers: Headers, body: any, options: RequestInit }} Asked */

export class MemoryStorage {
  /** @param {number} room in characters */
  constructor(room = Infinity) {
    /** @type {Map<string, string>} */
    this.items = new Map();
    this.room = room;
  }
  get length() {
    return this.items.size;
  }
  /** @param {string} name */
  getItem(name) {
    return this.items.get(name) ?? null;
  }
  /** @param {string} name @param {string} text */
  setItem(name, text) {
    if (text.length > this.room) throw new DOMException("No room.", "QuotaExceededError");
    this.items.set(name, String(text));
  }
  /** @param {string} name */
  removeItem(name) {
    this.items.delete(name);
  }
  clear() {
    this.items.clear();
  }
  /** @param {number} place */
  key(place) {
    return [...this.items.keys()][place] ?? null;
  }
}

/** Also where Node has a getter of its own. @param {Record<string, unknown>} globals */
export function define(globals) {
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
}

export function openPage({ url = "http://site.test/project/words/newtask" } = {}) {
  const target = new EventTarget();
  setMaxListeners(0, target);
  /** @type {string[]} */
  const visited = [];
  /** @type {string[]} */
  const tabs = [];
  const { href, origin, pathname, search, hash } = new URL(url);
  const userActivation = { isActive: false, hasBeenActive: false };
  define({
    window: globalThis,
    addEventListener: target.addEventListener.bind(target),
    document: Object.assign(new EventTarget(), { hidden: false }),
    localStorage: new MemoryStorage(),
    sessionStorage: new MemoryStorage(),
    navigator: { userActivation },
    location: { href, origin, pathname, search, hash, assign: (/** @type {string} */ address) => visited.push(address) },
    open: (/** @type {URL} */ address) => tabs.push(String(address)),
  });
  return { visited, tabs, userActivation, fire: (/** @type {string} */ name) => target.dispatchEvent(new Event(name)) };
}

/**
 * Every request is answered by `answer`: with a Response, or with what is to be its JSON; an error is a dead line.
 * @param {(asked: Asked) => unknown} answer
 */
export function serve(answer) {
  /** @type {Asked[]} */
  const requests = [];
  define({
    /** @param {string} path @param {RequestInit} options */
    async fetch(path, options = {}) {
      const body = typeof options.body === "string" ? JSON.parse(options.body) : null;
      const asked = { path, method: options.method ?? "GET", headers: new Headers(options.headers), body, options };
      requests.push(asked);
      const answered = await answer(asked);
      return answered instanceof Response ? answered : Response.json(answered);
    },
  });
  return requests;
}

/** Time stands still until `mock.timers.tick`. */
export function stopClock() {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
}

/** Until everything that waits for no clock has happened. */
export async function settle() {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Let so many ms pass, with all that happens meanwhile. @param {number} ms */
export async function pass(ms) {
  await settle();
  mock.timers.tick(ms);
  await settle();
}

/** The events of these names, as they are fired. @param {EventTarget} target @param {string[]} names */
export function record(target, ...names) {
  /** @type {[name: string, detail: any][]} */
  const events = [];
  for (const name of names) {
    target.addEventListener(name, (event) => events.push([name, /** @type {CustomEvent} */ (event).detail]));
  }
  return events;
}
