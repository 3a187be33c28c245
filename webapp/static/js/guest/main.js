// A frame that shows something of a project without giving tasks: its tutorial, its results.

import { GuestFrame } from "./frame.js";

export function mount(part) {
  const iframe = part.querySelector("iframe");
  const guest = new GuestFrame(iframe, { shortName: part.dataset.shortName, token: part.dataset.token || null });
  guest.open(iframe.dataset.src);
}

const alone = document.getElementById("guest");
if (alone) mount(alone);
