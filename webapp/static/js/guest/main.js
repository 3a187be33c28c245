// A frame that shows something of a project without giving tasks: its tutorial, its results.

import { Keys } from "../contribute/keys.js";
import { GuestFrame } from "./frame.js";

// A guest may say what it likes: no lower than can be read, no higher than somebody would scroll past.
const LOWEST = 160;
const HIGHEST = 16000;

/** @import { FrameConfig } from "./frame.js" */
/** @import { Methods } from "./bridge.js" */

/** @param {HTMLElement} part */
export function mount(part) {
  const iframe = part.querySelector("iframe");
  if (!iframe) return;
  /** @type {FrameConfig & { frame_url: string }} */
  const frame = JSON.parse(part.dataset.frame ?? "");
  const keys = new Keys(document.querySelector("[data-keys]"), (on) => guest.tell({ keys: on }));
  /** @type {Methods} */
  const methods = { height: ({ height }) => fit(iframe, Number(height)), keys: () => keys.declare() };
  const guest = new GuestFrame(iframe, { frame, methods });
  if ("fits" in iframe.dataset) iframe.addEventListener("load", () => guest.tell({ measure: true }));
  guest.open(frame.frame_url);
}

/** @param {HTMLIFrameElement} iframe @param {number} height */
function fit(iframe, height) {
  if (!("fits" in iframe.dataset) || !Number.isFinite(height)) return;
  iframe.style.blockSize = `${Math.min(Math.max(height, LOWEST), HIGHEST)}px`;
}

const alone = document.getElementById("guest");
if (alone) mount(alone);
