import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { openDocument } from "../document.js";

const DIALOG = '<dialog id="lend-devices"><li data-device="camera"></li><li data-device="microphone"></li></dialog>';
const FRAME = { project_id: 1 };
let visits = 0;

/** What was answered with no counts for one page: each test has a module of its own. */
async function load() {
  visits += 1;
  /** @type {typeof import("../../../webapp/static/js/guest/devices.js")} */
  const module = await import(`../../../webapp/static/js/guest/devices.js?${visits}`);
  return module;
}

/** @type {HTMLDialogElement} */
let dialog;
let questions = 0;
beforeEach(() => {
  openDocument(DIALOG);
  questions = 0;
  dialog = /** @type {HTMLDialogElement} */ (document.getElementById("lend-devices"));
  dialog.showModal = () => {
    questions += 1;
  };
});
/** @param {string} answer */
function close(answer) {
  dialog.returnValue = answer;
  dialog.dispatchEvent(new Event("close"));
}

test("what is lent stays lent to this project, and to no other", async () => {
  const { allowedDevices, askForDevices } = await load();
  const lent = askForDevices(FRAME, ["camera"]);
  assert.deepEqual([...dialog.querySelectorAll("li")].map((item) => item.hidden), [false, true]);
  close("lend");
  assert.equal(await lent, true);
  assert.deepEqual([allowedDevices(FRAME), allowedDevices({ project_id: 2 })], [["camera"], []]);
  const more = askForDevices(FRAME, ["camera", "microphone"]);
  assert.deepEqual([...dialog.querySelectorAll("li")].map((item) => item.hidden), [true, false]);
  close("lend");
  assert.equal(await more, true);
  assert.deepEqual(allowedDevices(FRAME), ["camera", "microphone"]);
});

test("a no counts for as long as the page", async () => {
  const { allowedDevices, askForDevices } = await load();
  const asked = askForDevices(FRAME, ["camera"]);
  close("");
  assert.equal(await asked, false);
  assert.equal(await askForDevices(FRAME, ["camera", "microphone"]), false);
  assert.deepEqual([questions, allowedDevices(FRAME)], [1, []]);
});

test("one question at a time", async () => {
  const { askForDevices } = await load();
  const first = askForDevices(FRAME, ["camera"]);
  assert.equal(await askForDevices(FRAME, ["microphone"]), false);
  close("lend");
  assert.equal(await first, true);
  assert.equal(questions, 1);
});

test("what is no device is not asked for", async () => {
  const { askForDevices } = await load();
  for (const names of [["usb"], [], null, "camera", { length: 1 }, 3]) assert.equal(await askForDevices(FRAME, names), false);
  assert.equal(questions, 0);
});
