// What a guest may be lent of the volunteer's devices. Browsers remember a permission for the whole site; this page asks
// for each project, and remembers it for each project.

import { readStored } from "./stored.js";

/** @import { FrameConfig } from "./frame.js" */

const KEY = "workbee-devices";
// The names of the browser's features, and of the words for them in the page.
const DEVICES = ["camera", "microphone", "geolocation", "fullscreen"];

/** By project, the names of what it is lent. @type {() => Record<string, string[]>} */
const remembered = () => readStored(localStorage, KEY);

/** @param {Pick<FrameConfig, "project_id">} frame */
export function allowedDevices({ project_id }) {
  return (remembered()[project_id] ?? []).filter((name) => DEVICES.includes(name));
}

/** @param {number} projectId @param {string[]} names */
function remember(projectId, names) {
  localStorage.setItem(KEY, JSON.stringify({ ...remembered(), [projectId]: names }));
}

/** @type {Promise<boolean> | null} */
let asking = null;
const refused = new Set();

/**
 * Whether the volunteer lends this project the devices named, now or before. One question at a time, and none again on this page
 * once it was answered with no.
 * @param {Pick<FrameConfig, "project_id">} frame @param {unknown} names what a guest gives
 */
export async function askForDevices(frame, names) {
  const allowed = allowedDevices(frame);
  const wanted = DEVICES.filter((name) => Array.isArray(names) && names.includes(name) && !allowed.includes(name));
  if (!wanted.length) return false;
  if (asking || wanted.some((name) => refused.has(name))) return false;
  asking = ask(wanted);
  const granted = await asking;
  asking = null;
  if (granted) remember(frame.project_id, [...allowed, ...wanted]);
  else wanted.forEach((name) => refused.add(name));
  return granted;
}

/** @param {string[]} wanted @returns {Promise<boolean>} */
function ask(wanted) {
  const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("lend-devices"));
  if (!dialog) return Promise.resolve(false);
  /** @type {NodeListOf<HTMLElement>} */
  const items = dialog.querySelectorAll("[data-device]");
  for (const item of items) item.hidden = !wanted.includes(item.dataset.device ?? "");
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "lend"), { once: true }));
}
