// What a guest with an opaque origin keeps: its storage and cookies, by project and contributor, in this browser.

import { LIMITS, StorageArea } from "./area.js";

const INDEX = "workbee-guests";
// Characters that all guests together may keep: they share what the browser gives to the site.
const TOTAL = 2 * 1024 * 1024;
const PAUSE = 250;
const STORES = { localStorage: ["local", "cookies"], sessionStorage: ["session", "visitCookies"] };

function read(store, name) {
  try {
    return JSON.parse(store.getItem(name)) ?? {};
  } catch {
    return {};
  }
}

export class Keep {
  // Of this project, for the contributor `who`.
  constructor(shortName, who) {
    this.name = `workbee-guest ${shortName} ${who}`;
    this.areas = {};
    for (const [store, names] of Object.entries(STORES)) {
      const kept = read(window[store], this.name);
      for (const name of names) this.areas[name] = new StorageArea(kept[name], LIMITS[name], () => this.saveSoon());
    }
    addEventListener("pagehide", () => this.timer && this.save());
  }

  // `[[area, key, value], …]`: without a value the key goes, without a key all of the area does. What is not of this form, or too
  // much, is passed over: the frame's own code sends neither.
  change(changes) {
    for (const [name, key, value] of Array.isArray(changes) ? changes.filter(Array.isArray) : []) {
      const area = Object.hasOwn(this.areas, name) ? this.areas[name] : null;
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
    this.timer = 0;
    for (const [store, names] of Object.entries(STORES)) {
      const text = JSON.stringify(Object.fromEntries(names.map((name) => [name, this.areas[name]])));
      try {
        if (store === "localStorage") this.makeRoom(text.length);
        window[store].setItem(this.name, text);
      } catch {
        // The browser has no room: what the guest stores lasts as long as the page.
      }
    }
  }

  // Whoever was here longest ago gives way.
  makeRoom(size) {
    const others = Object.entries(read(localStorage, INDEX)).filter(([name]) => name !== this.name);
    let total = size + others.reduce((sum, [, one]) => sum + one, 0);
    while (total > TOTAL && others.length) {
      const [name, one] = others.shift();
      localStorage.removeItem(name);
      total -= one;
    }
    localStorage.setItem(INDEX, JSON.stringify(Object.fromEntries([...others, [this.name, size]])));
  }
}
