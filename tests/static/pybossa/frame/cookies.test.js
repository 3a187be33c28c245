import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { installCookies } from "../../../../webapp/static/js/pybossa/frame/cookies.js";
import { openPage } from "../../page.js";

/** @type {unknown[][]} */
let changes;
/** @type {ReturnType<typeof installCookies>} */
let areas;
/** @param {import("../../../../webapp/static/js/guest/bridge.js").Kept} kept */
function install(kept = {}) {
  openPage();
  changes = [];
  areas = installCookies(kept, (...change) => changes.push(change));
}
beforeEach(() => install());

test("cookies of the visit and lasting ones are read together", () => {
  document.cookie = "a=1";
  document.cookie = "b=2=3; path=/; Max-Age=60";
  document.cookie = "alone";
  assert.equal(document.cookie, "a=1; alone; b=2=3");
  assert.deepEqual([areas.visitCookies.get("a"), areas.cookies.get("a")], ["1", null]);
  assert.deepEqual(changes.map(([area, name]) => [area, name]), [["visitCookies", "a"], ["cookies", "b"], ["visitCookies", ""]]);
});

test("a cookie takes the place of the one of its name, whatever its end", () => {
  document.cookie = "a=1; max-age=60";
  document.cookie = "a=2";
  assert.equal(document.cookie, "a=2");
  assert.equal(areas.cookies.get("a"), null);
});

/** @type {[string, boolean][]} */
const ENDS = [
  ["max-age=0", false],
  ["max-age=-1", false],
  ["expires=Thu, 01 Jan 1970 00:00:00 GMT", false],
  ["expires=Fri, 01 Jan 2999 00:00:00 GMT", true],
  ["max-age=60; expires=Thu, 01 Jan 1970 00:00:00 GMT", true],
  ["max-age=soon; expires=never", true],
];
for (const [end, isKept] of ENDS) {
  test(`with ${end} it ${isKept ? "stays" : "goes"}`, () => {
    document.cookie = "a=1";
    document.cookie = `a=2; ${end}`;
    assert.equal([...areas.cookies.values.values(), ...areas.visitCookies.values.values()].length, isKept ? 1 : 0);
    assert.equal(document.cookie, isKept ? "a=2" : "");
  });
}

test("a cookie ends while the page is open", (t) => {
  t.mock.timers.enable({ apis: ["Date"] });
  document.cookie = "a=1; max-age=60";
  document.cookie = "b=1; max-age=61";
  t.mock.timers.tick(60_000);
  assert.equal(document.cookie, "b=1");
  assert.deepEqual(changes.at(-1), ["cookies", "a", null]);
});

test("what was kept is there again", () => {
  install({ cookies: { a: `${Date.now() + 1000} 1`, old: "1000 1" }, visitCookies: { b: "2" } });
  assert.equal(document.cookie, "b=2; a=1");
});

test("what no browser would keep is not kept", () => {
  for (const text of ["=", "a=1; HttpOnly", `a=${"x".repeat(4096)}`]) document.cookie = text;
  assert.equal(document.cookie, "");
  for (let place = 0; place < 20; place += 1) document.cookie = `a${place}=${"x".repeat(4000)}`;
  assert.equal(document.cookie.split("; ").length, 8);
});
