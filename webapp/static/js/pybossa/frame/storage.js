// localStorage and sessionStorage for a document with an opaque origin, which the browser gives none.
//
// The page around keeps what is stored, for this project and this contributor, and hands it over as the frame starts, so that
// reading is synchronous as it is with the real ones.

import { LIMITS, StorageArea } from "../../guest/area.js";

/** @import { AreaName, Kept } from "../../guest/bridge.js" */

/** @type {WeakMap<object, StorageArea>} */
const areas = new WeakMap();

// The methods of Storage.prototype, for areas of ours as well: `Storage.prototype.setItem.call(localStorage, …)` is a common way.
function teachPrototype() {
  /** @type {Record<string, (area: StorageArea, ...args: unknown[]) => unknown>} */
  const methods = {
    getItem: (area, key) => area.get(String(key)),
    setItem: (area, key, value) => area.set(String(key), String(value)),
    removeItem: (area, key) => area.remove(String(key)),
    clear: (area) => area.clear(),
    key: (area, index) => [...area.values.keys()][Number(index) || 0] ?? null,
  };
  for (const [name, method] of Object.entries(methods)) {
    const native = Storage.prototype[name];
    /** @this {Storage} @param {unknown[]} args */
    Storage.prototype[name] = function (...args) {
      const area = areas.get(this);
      if (!area) return native.apply(this, args);
      if (args.length < native.length) throw new TypeError(`Failed to execute '${name}' on 'Storage': ${native.length} arguments required.`);
      return method(area, ...args);
    };
  }
  const length = Object.getOwnPropertyDescriptor(Storage.prototype, "length");
  Object.defineProperty(Storage.prototype, "length", {
    configurable: true,
    enumerable: true,
    get() {
      return areas.get(this)?.values.size ?? length?.get?.call(this);
    },
  });
}

/**
 * Named access (`localStorage.seen = 1`), enumeration, `in` and `instanceof`, as the real object has them.
 * @param {StorageArea} area
 */
function asStorage(area) {
  const storage = new Proxy(Object.create(Storage.prototype), {
    get: (target, name, receiver) =>
      typeof name === "symbol" || name in target ? Reflect.get(target, name, receiver) : (area.get(name) ?? undefined),
    set: (target, name, value) => {
      if (typeof name === "symbol") return Reflect.set(target, name, value);
      area.set(name, String(value));
      return true;
    },
    defineProperty: (_target, name, { value }) => {
      area.set(String(name), String(value));
      return true;
    },
    deleteProperty: (target, name) => {
      if (typeof name === "symbol") return Reflect.deleteProperty(target, name);
      area.remove(name);
      return true;
    },
    has: (target, name) => name in target || (typeof name === "string" && area.values.has(name)),
    ownKeys: (target) => [...area.values.keys(), ...Reflect.ownKeys(target)],
    getOwnPropertyDescriptor: (target, name) => {
      if (typeof name === "symbol" || !area.values.has(name)) return Reflect.getOwnPropertyDescriptor(target, name);
      return { value: area.get(name), writable: true, enumerable: true, configurable: true };
    },
  });
  areas.set(storage, area);
  return storage;
}

/**
 * `kept` is what the page around handed over; `changed` is told of every change. Returns the areas by name.
 * @param {Kept} kept @param {(area: AreaName, key: string | null, value: string | null) => void} changed
 */
export function installStorage(kept, changed) {
  teachPrototype();
  /** @param {"local" | "session"} name */
  const install = (name) => {
    const area = new StorageArea(kept[name], LIMITS[name], (key, value) => changed(name, key, value));
    const storage = asStorage(area);
    Object.defineProperty(window, `${name}Storage`, { configurable: true, enumerable: true, get: () => storage });
    return area;
  };
  return { local: install("local"), session: install("session") };
}
