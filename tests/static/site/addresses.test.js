import assert from "node:assert/strict";
import { test } from "node:test";

import { projectPath, restWithin } from "../../../webapp/static/js/site/addresses.js";

test("a short name is one part of the path, whatever is in it", () => {
  assert.equal(projectPath("words"), "/project/words/");
  assert.equal(projectPath("a/b?#", "task/1"), "/project/a%2Fb%3F%23/task/1");
});

test("a path within a project is known however it is encoded", () => {
  const home = projectPath("bücher/1");
  assert.equal(restWithin(home, "/project/bücher%2f1/task/1"), "task/1");
  assert.equal(restWithin(home, "/project/b%C3%BCcher%2F1/"), "");
  assert.equal(restWithin(home, "/project/other/"), null);
  assert.equal(restWithin(home, "/project/b%C3%BCcher%2F12/"), null);
  assert.equal(restWithin("/project/50%/", "/project/50%/task/1"), "task/1");
});
