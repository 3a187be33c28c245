// document.cookie for a document with an opaque origin: a jar of the project's own, which no request carries anywhere.

import { LIMITS, StorageArea } from "../../guest/area.js";

const LONGEST = 4096;

/** @import { AreaName, Kept } from "../../guest/bridge.js" */

/**
 * When it ends, in ms since the epoch: Infinity for a cookie of this visit. `max-age` goes before `expires`, as in browsers.
 * @param {Map<string, string>} attributes
 */
function expiry(attributes) {
  const age = attributes.get("max-age");
  if (age !== undefined && /^-?\d+$/.test(age)) return Date.now() + 1000 * Number(age);
  const end = Date.parse(attributes.get("expires") ?? "");
  return Number.isNaN(end) ? Infinity : end;
}

/** @param {string} text */
function parsed(text) {
  const [pair, ...rest] = String(text).split(";");
  const at = pair.indexOf("=");
  /** @type {Map<string, string>} */
  const attributes = new Map();
  for (const one of rest) {
    const [name, ...value] = one.split("=");
    attributes.set(name.trim().toLowerCase(), value.join("=").trim());
  }
  return { name: at < 0 ? "" : pair.slice(0, at).trim(), value: pair.slice(at + 1).trim(), attributes };
}

/**
 * Those with an end outlast the visit (`cookies`: end and value by name), the others do not (`visitCookies`). Returns the areas by name.
 * @param {Kept} kept @param {(area: AreaName, key: string | null, value: string | null) => void} changed
 */
export function installCookies(kept, changed) {
  /** @param {"cookies" | "visitCookies"} name */
  const areaOf = (name) => new StorageArea(kept[name], LIMITS[name], (key, value) => changed(name, key, value));
  const lasting = areaOf("cookies");
  const visiting = areaOf("visitCookies");

  function read() {
    const found = [...visiting.values];
    for (const [name, text] of lasting.values) {
      const at = text.indexOf(" ");
      if (Number(text.slice(0, at)) > Date.now()) found.push([name, text.slice(at + 1)]);
      else lasting.remove(name);
    }
    return found.map(([name, value]) => (name ? `${name}=${value}` : value)).join("; ");
  }

  /** @param {string} text */
  function write(text) {
    const { name, value, attributes } = parsed(text);
    if ((!name && !value) || name.length + value.length > LONGEST || attributes.has("httponly")) return;
    const end = expiry(attributes);
    lasting.remove(name);
    visiting.remove(name);
    try {
      if (end === Infinity) visiting.set(name, value);
      else if (end > Date.now()) lasting.set(name, `${end} ${value}`);
    } catch {
      // The jar is full: as in a browser, the cookie is not kept and nobody is told.
    }
  }

  Object.defineProperty(document, "cookie", { configurable: true, get: read, set: write });
  return { cookies: lasting, visitCookies: visiting };
}
