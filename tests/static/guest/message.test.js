import assert from "node:assert/strict";
import { test } from "node:test";

import { readMessage, wellFormed } from "../../../webapp/static/js/guest/message.js";

const LARGEST = 2048;
/** @param {unknown} text */
const read = (text) => readMessage(text, LARGEST);

test("a guest's JSON object is plain data", () => {
  assert.deepEqual(read('{"info": {"a": [1, "ü", "😀"]}}'), { info: { a: [1, "ü", "😀"] } });
});

/** @type {[string, unknown, RegExp][]} */
const REFUSED = [
  ["no text", { a: 1 }, /must be JSON text/],
  ["no JSON", "{", /JSON/],
  ["a list", "[1]", /must be a JSON object/],
  ["null", "null", /must be a JSON object/],
  ["a number", "3", /must be a JSON object/],
  ["more than an answer may have", JSON.stringify({ a: "x".repeat(LARGEST + 1024) }), /too large: at most 2 KiB/],
  ["more in bytes than in characters", JSON.stringify({ a: "ü".repeat(LARGEST) }), /too large/],
  ["too deep", `{"a":${"[".repeat(100)}${"]".repeat(100)}}`, /too deeply: at most 100 levels/],
];
for (const [what, text, words] of REFUSED) {
  test(`${what} is refused`, () => assert.throws(() => read(text), words));
}

test("a hundred levels are not too deep", () => {
  assert.ok(read(`{"a":${"[".repeat(99)}${"]".repeat(99)}}`));
});

/** @type {[string, string][]} */
const TEXTS = [
  ['"\\ud83d\\ude00"', '"\\ud83d\\ude00"'],
  ['"\\ud83d"', '"\ufffd"'],
  ['"\\uDE00\\uD83D"', '"\ufffd\ufffd"'],
  ['"a\\u0000b"', '"a\ufffdb"'],
  ['"\\\\u0000"', '"\\\\u0000"'],
  ['"\\\\\\u0000"', '"\\\\\ufffd"'],
  ['"\ud83d"', '"\ufffd"'],
  ['"\\u00e4\\n"', '"\\u00e4\\n"'],
];
for (const [before, after] of TEXTS) {
  test(`${JSON.stringify(before)} becomes ${JSON.stringify(after)}`, () => {
    assert.equal(wellFormed(before), after);
    JSON.parse(after);
  });
}
