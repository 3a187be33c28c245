// What a guest with an opaque origin keeps: its storage and cookies, by project and contributor, in this browser.

import { readStored } from "./stored.js";
import { LIMITS, StorageArea } from "./area.js";

/** @import { AreaName } from "./bridge.js" */

const INDEX = "workbee-guests";
// Characters that all guests together may keep: they share what the browser gives to the site.
const TOTAL = 2 * 1024 * 1024;
const PAUSE = 250;
/** @type {["localStorage" | "sessionStorage", AreaName[]][]} */
const STORES = [["localStorage", ["local", "cookies"]], ["sessionStorage", ["session", "visitCookies"]]];

export class Keep {
  /** Of this project, for the contributor `who`. @param {string} shortName @param {string} who */
  constructor(shortName, who) {
    this.name = `workbee-guest ${shortName} ${who}`;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    const areas = STORES.flatMap(([store, names]) => {
      const kept = readStored(window[store], this.name);
      return names.map((name) => [name, new StorageArea(kept[name], LIMITS[name], () => this.saveSoon())]);
    });
    this.areas = /** @type {Record<AreaName, StorageArea>} */ (Object.fromEntries(areas));
    addEventListener("pagehide", () => this.timer && this.save());
  }

  /**
   * `[[area, key, value], …]`: without a value the key goes, without a key all of the area does. What is not of this form, or too
   * much, is passed over: the frame's own code sends neither.
   * @param {unknown} changes
   */
  change(changes) {
    for (const [name, key, value] of Array.isArray(changes) ? changes.filter(Array.isArray) : []) {
      const area = Object.hasOwn(this.areas, name) ? this.areas[/** @type {AreaName} */ (name)] : null;
      if (key === null) area?.clear();
      else if (value === null) area?.remove(key);
      else if (typeof key === "string" && typeof value === "string" && area?.holds(key, value)) area.set(key, value);
    }
  }

  saveSoon() {
    this.timer ||= setTimeout(() => this.save(), PAUSE);
  }

  save() {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const [store, names] of STORES) {
      const text = JSON.stringify(Object.fromEntries(names.map((name) => [name, this.areas[name]])));
      try {
        if (store === "localStorage") this.makeRoom(text.length);
        window[store].setItem(this.name, text);
      } catch {
        // The browser has no room: what the guest stores lasts as long as the page.
      }
    }
  }

  /** Whoever was here longest ago gives way. @param {number} size */
  makeRoom(size) {
    /** @type {Record<string, number>} */
    const index = readStored(localStorage, INDEX);
    const others = Object.entries(index).filter(([name]) => name !== this.name);
    let total = size + others.reduce((sum, [, one]) => sum + one, 0);
    const stay = others.filter(([name, one]) => {
      if (total <= TOTAL) return true;
      localStorage.removeItem(name);
      total -= one;
      return false;
    });
    localStorage.setItem(INDEX, JSON.stringify(Object.fromEntries([...stay, [this.name, size]])));
  }
}
