import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { GuestFrame } from "../../../webapp/static/js/guest/frame.js";
import { openDocument } from "../document.js";
import { serve, settle, stopClock } from "../page.js";

/** @import { FrameConfig } from "../../../webapp/static/js/guest/frame.js" */

const CONFIG = { project_id: 1, short_name: "words", who: "user:1", token: "t", language: "en", largest_answer: 1024, guest: null };
const OWN = { ...CONFIG, guest: { origin: "https://p1.guests.test", ticket: "secret" } };

/** @type {HTMLIFrameElement} */
let iframe;
/** @type {[message: any, origin: string][]} */
let told;
/** @type {unknown} */
let guestWindow;

beforeEach(() => {
  stopClock();
  openDocument('<div><iframe id="presenter" src="/before"></iframe></div>', { url: "http://site.test/project/words/newtask?a=1#b" });
  iframe = /** @type {HTMLIFrameElement} */ (document.getElementById("presenter"));
  told = [];
  guestWindow = { postMessage: (/** @type {any} */ message, /** @type {string} */ origin) => told.push([message, origin]) };
  Object.defineProperty(iframe, "contentWindow", { get: () => guestWindow });
});
afterEach(() => mock.timers.reset());

/** @param {FrameConfig} frame @param {Omit<ConstructorParameters<typeof GuestFrame>[1], "frame">} options */
function open(frame = CONFIG, options = {}) {
  const guest = new GuestFrame(iframe, { frame: { ...frame }, ...options });
  guest.open("/project/words/frame");
  return guest;
}

/** What comes back to a guest's message. @param {GuestFrame} guest @param {object} message @param {object} event */
async function send(guest, message, event = {}) {
  told.length = 0;
  const data = { workbee: guest.channel, id: 7, args: "{}", ...message };
  await guest.answer(/** @type {MessageEvent} */ ({ source: guestWindow, origin: "null", data, ...event }));
  await settle();
  return told;
}

test("a guest without a host of its own has an opaque origin", () => {
  open();
  assert.equal(iframe.src, "http://site.test/project/words/frame?a=1#b");
  assert.doesNotMatch(iframe.getAttribute("sandbox") ?? "", /same-origin|top-navigation/);
});

test("a guest with a host of its own is let in by a ticket", () => {
  open(OWN);
  assert.equal(iframe.src, "https://p1.guests.test/project/words/frame?a=1&ticket=secret#b");
  assert.match(iframe.getAttribute("sandbox") ?? "", /allow-same-origin/);
});

test("what the guest starts with is in the frame's name", () => {
  const guest = open(CONFIG, { methods: { draw: () => ({}) } });
  const { channel, token, largest, givesTasks } = JSON.parse(iframe.name);
  assert.deepEqual([channel, token, largest, givesTasks], [guest.channel, "t", 1024, true]);
  assert.match(channel, /^[0-9a-f]{32}$/);
});

test("a method's result goes back to who called it", async () => {
  const guest = open(CONFIG, { methods: { task: async ({ id }) => ({ id }) } });
  const reply = { workbee: guest.channel, id: 7, ok: true, result: { id: 5 } };
  assert.deepEqual(await send(guest, { method: "task", args: '{"id": 5}' }), [[reply, "*"]]);
});

test("an error's words go back, and to the page", async () => {
  /** @type {string[]} */
  const failures = [];
  const methods = { task: () => Promise.reject(new Error("Not here.")) };
  const guest = open(CONFIG, { methods, failed: (error) => failures.push(error.message) });
  const [[reply]] = await send(guest, { method: "task" });
  assert.deepEqual([reply.ok, reply.error], [false, "Not here."]);
  const [[large]] = await send(guest, { method: "task", args: JSON.stringify({ a: "x".repeat(4096) }) });
  assert.match(large.error, /too large/);
  assert.equal(failures.length, 2);
});

/** @type {[what: string, message: object, event: object][]} */
const UNHEARD = [
  ["from another window", {}, { source: {} }],
  ["from another origin", {}, { origin: "https://p1.guests.test" }],
  ["from the site itself", {}, { origin: "http://site.test" }],
  ["on another channel", { workbee: "x" }, {}],
  ["for an unknown method", { method: "forget" }, {}],
  ["for a name of objects' own", { method: "constructor" }, {}],
  ["for no method", { method: 3 }, {}],
];
for (const [what, message, event] of UNHEARD) {
  test(`a message ${what} is not heard`, async () => {
    assert.deepEqual(await send(open(), { method: "none", ...message }, event), []);
  });
}

test("a guest with a host of its own is heard from there, and told nothing elsewhere", async () => {
  const guest = open(OWN);
  const [[, origin]] = await send(guest, { method: "none" }, { origin: "https://p1.guests.test" });
  assert.equal(origin, "https://p1.guests.test");
  assert.deepEqual(await send(guest, { method: "none" }, { origin: "https://p2.guests.test" }), []);
});

test("a reply to the document before goes to no other", async () => {
  /** @type {(value: object) => void} */
  let finish = () => {};
  const guest = open(CONFIG, { methods: { task: () => new Promise((resolve) => (finish = resolve)) } });
  const sent = send(guest, { method: "task" });
  guest.open("/project/words/frame");
  finish({});
  assert.deepEqual(await sent, []);
});

test("a host that does not answer is done without, for a while", async () => {
  const guest = open(OWN);
  mock.timers.tick(7999);
  assert.equal(guest.isOwn, true);
  mock.timers.tick(1);
  assert.match(iframe.src, /^http:\/\/site\.test\/project\/words\/frame/);
  assert.doesNotMatch(iframe.src, /ticket/);
  assert.equal(open(OWN).isOwn, false);
  mock.timers.tick(10 * 60 * 1000);
  assert.equal(open(OWN).isOwn, true);
});

test("a host that has answered stays", async () => {
  const guest = open(OWN);
  await send(guest, { method: "hello" }, { origin: "https://p1.guests.test" });
  iframe.dispatchEvent(new Event("load"));
  mock.timers.tick(10_000);
  assert.equal(guest.isOwn, true);
});

test("a guest is handed the file of the page's own type", async () => {
  document.head.innerHTML = '<link id="text-font" rel="preload" href="/static/inter.woff2">';
  let status = 200;
  const requests = serve(() => new Response(new Uint8Array([1, 2, 3]), { status }));
  const guest = open(OWN);
  const greet = () => send(guest, { method: "hello", id: undefined }, { origin: "https://p1.guests.test" });
  const [[message, origin]] = await greet();
  assert.deepEqual([...new Uint8Array(message.font)], [1, 2, 3]);
  assert.deepEqual([message.workbee, origin], [guest.channel, "https://p1.guests.test"]);
  assert.deepEqual(requests.map(({ path }) => path), ["http://site.test/static/inter.woff2"]);
  status = 404;
  assert.deepEqual(await greet(), []);
  document.head.innerHTML = "";
  assert.deepEqual(await greet(), []);
});

test("a document that has taken the greeted one's place is handed nothing", async () => {
  document.head.innerHTML = '<link id="text-font" rel="preload" href="/static/inter.woff2">';
  const guest = open();
  serve(() => {
    guest.open("/project/words/frame/tutorial");
    return new Response(new Uint8Array([1]));
  });
  assert.deepEqual(await send(guest, { method: "hello", id: undefined }), []);
});

test("an old ticket is renewed once", async () => {
  let renewals = 0;
  const renew = async () => ({ token: "t2", guest: { origin: "https://p1.guests.test", ticket: `fresh${(renewals += 1)}` } });
  const guest = open(OWN, { renew });
  await send(guest, { method: "reopen" }, { origin: "https://p1.guests.test" });
  assert.match(iframe.src, /ticket=fresh1/);
  await send(guest, { method: "reopen" }, { origin: "https://p1.guests.test" });
  assert.match(iframe.src, /ticket=fresh1/);
});

test("devices that are lent are the project's own", () => {
  localStorage.setItem("workbee-devices", JSON.stringify({ 1: ["camera", "usb"], 2: ["microphone"] }));
  open();
  assert.equal(iframe.getAttribute("allow"), "camera *");
  open(OWN);
  assert.equal(iframe.getAttribute("allow"), "camera");
  assert.deepEqual(JSON.parse(iframe.name).devices, ["camera"]);
});
