import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Links } from "../../../webapp/static/js/guest/links.js";
import { openPage } from "../page.js";

const NAME = "bücher/1";
const HOME = `/project/${encodeURIComponent(NAME)}/`;

/** @type {ReturnType<typeof openPage>} */
let page;
beforeEach(() => {
  page = openPage({ url: `http://site.test${HOME}newtask` });
});

/** @type {[href: string, visited: string[], tabs: string[]][]} */
const ASKED = [
  ["results", [`${HOME}results`], []],
  ["/project/bücher%2f1/task/7?a=1#b", ["/project/b%C3%BCcher%2f1/task/7?a=1#b"], []],
  ["/about", ["/about"], []],
  ["https://example.org/x", [], ["https://example.org/x"]],
  ["/static/a.pdf", [], ["http://site.test/static/a.pdf"]],
  ["/api/task/1", [], ["http://site.test/api/task/1"]],
  ["mailto:a@example.org", ["mailto:a@example.org"], []],
  ["javascript:alert(1)", [], []],
  ["data:text/html,x", [], []],
  ["ftp://example.org/x", [], []],
  ["http://[", [], []],
];

for (const [href, visited, tabs] of ASKED) {
  test(`after a click ${href} leads ${[...visited, ...tabs][0] ?? "nowhere"}`, () => {
    page.userActivation.isActive = true;
    assert.equal(new Links(NAME).follow(href), visited.length + tabs.length > 0);
    assert.deepEqual([page.visited, page.tabs], [visited, tabs]);
  });
}

for (const href of ["/about", "/project/other/results", `${HOME}settings`, "https://example.org/x", "/static/a.pdf", "mailto:a@example.org"]) {
  test(`by itself a guest leads nobody to ${href}`, () => {
    assert.equal(new Links(NAME).follow(href), false);
    assert.deepEqual([page.visited, page.tabs], [[], []]);
  });
}

test("by itself a guest moves within its project, a few times between two clicks", () => {
  const links = new Links(NAME);
  const follow = () => links.follow("results");
  assert.deepEqual([follow(), follow(), follow(), follow(), follow()], [true, true, true, true, false]);
  page.userActivation.hasBeenActive = true;
  assert.equal(follow(), true);
});
