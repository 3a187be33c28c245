// What the page around hands over as a frame starts, in the name that it gives this frame: only the document inside can read it,
// it is there before any script of the presenter's runs, and it stays with the frame as the presenter goes from page to page.

/** @import { Handover } from "../../guest/bridge.js" */

/** @returns {Handover} */
function read() {
  try {
    return JSON.parse(window.name) || {};
  } catch {
    return {};
  }
}

export const handover = window.parent === window ? {} : read();

/** For the document that follows this one in the same frame. @param {{ token?: string, kept?: object }} changes */
export function passOn(changes) {
  Object.assign(handover, changes);
  if (handover.channel) window.name = JSON.stringify(handover);
}
