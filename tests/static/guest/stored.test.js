import assert from "node:assert/strict";
import { test } from "node:test";

import { readStored } from "../../../webapp/static/js/guest/stored.js";
import { MemoryStorage } from "../page.js";

/** @param {string | null} text */
function read(text) {
  const store = new MemoryStorage();
  if (text !== null) store.setItem("name", text);
  return readStored(store, "name");
}

test("an object is read, and anything else is an empty one", () => {
  assert.deepEqual(read('{"a": [1]}'), { a: [1] });
  for (const text of [null, "", "{", "null"]) assert.deepEqual(read(text), {});
});
