// What a guest may keep, in characters of keys and values: of each kind, in one project, for one contributor.
export const LIMITS = { local: 256 * 1024, session: 64 * 1024, cookies: 32 * 1024, visitCookies: 32 * 1024 };

// Texts by key, up to a bound, as a browser's storage has them.
export class StorageArea {
  /**
   * `changed` is told of every change; the value is null where the key is removed, the key is null where everything is.
   * @param {Record<string, unknown> | undefined} values @param {number} limit
   * @param {(key: string | null, value: string | null) => void} changed
   */
  constructor(values, limit, changed) {
    this.values = new Map(Object.entries(values ?? {}).map(([key, value]) => [key, String(value)]));
    this.limit = limit;
    this.changed = changed;
    this.size = 0;
    for (const [key, value] of this.values) this.size += key.length + value.length;
  }
  /** @param {string} key */
  get(key) {
    return this.values.get(key) ?? null;
  }
  /** Whether there is room for it. @param {string} key @param {string} value */
  holds(key, value) {
    return this.size - this.cost(key) + key.length + value.length <= this.limit;
  }
  /** @param {string} key @param {string} value */
  set(key, value) {
    if (!this.holds(key, value)) throw new DOMException(`Storing '${key}' exceeds the quota.`, "QuotaExceededError");
    this.size += key.length + value.length - this.cost(key);
    this.values.set(key, value);
    this.changed(key, value);
  }
  /** @param {string} key */
  remove(key) {
    if (!this.values.has(key)) return;
    this.size -= this.cost(key);
    this.values.delete(key);
    this.changed(key, null);
  }
  clear() {
    this.values.clear();
    this.size = 0;
    this.changed(null, null);
  }
  /** @param {string} key */
  cost(key) {
    const value = this.values.get(key);
    return value === undefined ? 0 : key.length + value.length;
  }
  toJSON() {
    return Object.fromEntries(this.values);
  }
}
