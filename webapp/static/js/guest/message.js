// What a guest gives, taken as JSON text: measured before anything is done with it, plain data after, and text that can be
// stored.

const DEEPEST = 100;
// Beside an answer a message holds little.
const ENVELOPE = 1024;

// Whole pairs of surrogates first, so that what is left of them are halves.
const ESCAPE = /\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|\\u(?:d[89a-f][0-9a-f]{2}|0000)|\\./gi;
const SURROGATES = /[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g;

/** @param {string} text */
const whole = (text) => (text.toWellFormed ? text.toWellFormed() : text.replace(SURROGATES, (found) => (found.length === 2 ? found : "\ufffd")));

/**
 * The same JSON with U+FFFD for halves of surrogate pairs, which are no characters, and for NULs, which the database cannot hold.
 * @param {string} json
 */
export function wellFormed(json) {
  return whole(json).replace(ESCAPE, (escape) => (escape.length === 6 ? "\ufffd" : escape));
}

/** @param {unknown} value @param {number} levels */
function isDeeper(value, levels) {
  let inside = [value];
  for (let level = 0; level <= levels; level += 1) {
    const containers = inside.filter((one) => one && typeof one === "object");
    if (!containers.length) return false;
    inside = containers.flatMap((one) => Object.values(/** @type {object} */ (one)));
  }
  return true;
}

/**
 * The object of a guest's JSON text of at most `largest` bytes. Whatever else comes is an error that says what is wrong.
 * @param {unknown} text @param {number} largest
 */
export function readMessage(text, largest) {
  if (typeof text !== "string") throw new Error("What a guest gives must be JSON text.");
  const most = largest + ENVELOPE;
  if (text.length > most || new TextEncoder().encode(text).length > most) {
    throw new Error(`This is too large: at most ${Math.floor(largest / 1024).toLocaleString("en")} KiB can be taken.`);
  }
  const value = JSON.parse(wellFormed(text));
  if (isDeeper(value, DEEPEST)) throw new Error(`This is nested too deeply: at most ${DEEPEST} levels can be taken.`);
  if (!value || typeof value !== "object" || Array.isArray(value)) throw new Error("What a guest gives must be a JSON object.");
  return value;
}
