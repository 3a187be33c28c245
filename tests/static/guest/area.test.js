import assert from "node:assert/strict";
import { test } from "node:test";

import { StorageArea } from "../../../webapp/static/js/guest/area.js";

const open = (values = {}, limit = 10) => {
  /** @type {[string | null, string | null][]} */
  const changes = [];
  return { area: new StorageArea(values, limit, (...change) => changes.push(change)), changes };
};

test("texts are kept by key, and every change is told", () => {
  const { area, changes } = open({ old: 1 });
  assert.equal(area.get("old"), "1");
  area.set("new", "2");
  area.remove("old");
  area.remove("old");
  area.clear();
  assert.equal(area.get("new"), null);
  assert.deepEqual(changes, [["new", "2"], ["old", null], [null, null]]);
});

test("keys and values have room up to the limit", () => {
  const { area, changes } = open();
  area.set("12345", "12345");
  assert.equal(area.holds("a", ""), false);
  assert.throws(() => area.set("a", ""), { name: "QuotaExceededError" });
  assert.equal(area.get("a"), null);
  area.set("12345", "1");
  area.set("a", "123");
  assert.equal(changes.length, 3);
  area.remove("12345");
  area.set("b", "12345");
  area.clear();
  area.set("12345", "12345");
});

test("names of objects' own are keys like any other", () => {
  const { area } = open({}, 100);
  assert.equal(area.get("constructor"), null);
  area.set("__proto__", "x");
  assert.equal(JSON.stringify(area), '{"__proto__":"x"}');
});
