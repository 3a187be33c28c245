import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { View, worded } from "../../../webapp/static/js/contribute/view.js";
import { openDocument } from "../document.js";

const TEXTS = { progress: "{done} of {total}", one_refused: "One refused", many_refused: "{count} refused", refused_task: "Task {task} of {project}" };
const PAGE = `
  <div data-part="done"></div><b data-part="own"></b><i data-part="own-label" data-one="answer" data-many="answers"></i>
  <p data-part="thanks-done"></p><p data-part="thanks-none"></p><span data-part="badge"></span>
  <button data-part="refused"></button><dialog data-part="refused-dialog"><ul data-part="refused-items"></ul></dialog>
  <template data-part="refused-item"><li><b data-part="refused-task"></b><i data-part="refused-reason"></i><button></button></li></template>
  <button data-part="refused-save"></button><b data-cell></b><b data-cell></b><b data-cell></b>
  <div data-part="thanks"></div><div data-part="frame"></div>`;

/** @param {string} name */
const part = (name) => /** @type {HTMLElement} */ (document.querySelector(`[data-part="${name}"]`));
const cells = () => [...document.querySelectorAll("[data-cell]")].map((cell) => cell.getAttribute("class"));

/** @type {View} */
let view;
beforeEach(() => {
  openDocument(PAGE);
  view = new View(document, /** @type {any} */ ({ short_name: "words", done: 0, total: 7, texts: TEXTS }));
});

test("words have values in their places, whatever is in them", () => {
  assert.equal(worded("{a} and {b}, {a} {c}", { a: "$&{b}", b: 1234.5 }), `$&{b} and ${(1234.5).toLocaleString()}, $&{b} {c}`);
  assert.equal(worded("{constructor}", {}), "{constructor}");
});

test("progress is told in words, and one is not many", () => {
  view.progress({ done: 1, total: 1000 });
  assert.equal(part("done").textContent, `1 of ${(1000).toLocaleString()}`);
  assert.deepEqual([part("own").textContent, part("own-label").textContent], ["1", "answer"]);
  view.progress({ done: 2, total: 1000 });
  assert.equal(part("own-label").textContent, "answers");
  assert.deepEqual([part("thanks-done").hidden, part("thanks-none").hidden], [false, true]);
});

/** @type {[number, string[]][]} */
const COMBS = [
  [0, ["comb-open", "comb-open", "comb-open"]],
  [2, ["comb-done", "comb-fresh", "comb-open"]],
  [3, ["comb-done", "comb-done", "comb-fresh"]],
  [4, ["comb-fresh", "comb-open", "comb-open"]],
  [7, ["comb-done", "comb-done", "comb-fresh"]],
];
for (const [done, comb] of COMBS) {
  test(`after ${done} answers the comb has ${comb.filter((cell) => cell !== "comb-open").length} full cells`, () => {
    view.fillComb(done, 7);
    assert.deepEqual(cells(), comb);
  });
}

test("refused answers are listed, each to be let go of", () => {
  const answer = /** @type {any} */ ({ key: "r:p1:aa", shortName: "a$&b", projectId: 1, taskId: 11, reason: "<b>No", at: 0 });
  /** @type {string[]} */
  const gone = [];
  view.refused([answer], ({ key }) => gone.push(key));
  assert.equal(part("refused").hidden, false);
  const [item] = part("refused-items").children;
  assert.equal(item.textContent, "Task 11 of a$&b<b>No");
  item.querySelector("button")?.click();
  assert.deepEqual(gone, ["r:p1:aa"]);
  view.refused([], () => {});
  assert.deepEqual([part("refused").hidden, part("refused-items").children.length], [true, 0]);
});

test("a frame is as high as it says only below the thanks, and within bounds", () => {
  part("thanks").hidden = true;
  view.fitFrame(500);
  assert.equal(part("frame").style.blockSize, "");
  part("thanks").hidden = false;
  /** @type {[number, string][]} */
  const heights = [[500, "500px"], [1, "48px"], [1e9, "16000px"], [0, "0px"], [-5, "0px"]];
  for (const [height, size] of heights) {
    view.fitFrame(height);
    assert.equal(part("frame").style.blockSize, size);
  }
  view.fitFrame(Number.NaN);
  assert.equal(part("frame").style.blockSize, "0px");
});
