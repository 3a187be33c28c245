// Modernizr as presenters of PYBOSSA's time know it (2.7): `load`, the tests by name, and the classes on <html>. Of the browsers
// that this site is made for (2024 on) most answers are known; the others are asked of the browser.

/** @template {keyof HTMLElementTagNameMap} Name @param {Name} name */
const probe = (name) => document.createElement(name);
/** @param {HTMLMediaElement} element @param {string[][]} types */
const plays = (element, types) => Object.assign(new Boolean(true), Object.fromEntries(types.map(([name, type]) => [name, element.canPlayType(type)])));
const AUDIO = [["ogg", 'audio/ogg; codecs="vorbis"'], ["mp3", "audio/mpeg"], ["wav", 'audio/wav; codecs="1"'], ["m4a", "audio/mp4"]];
const VIDEO = [["ogg", 'video/ogg; codecs="theora"'], ["h264", 'video/mp4; codecs="avc1.42E01E"'], ["webm", 'video/webm; codecs="vp8, vorbis"']];
const INPUT_TYPES = ["search", "tel", "url", "email", "datetime", "date", "month", "week", "time", "datetime-local", "number", "range", "color"];
const INPUT_ATTRIBUTES = ["autocomplete", "autofocus", "list", "placeholder", "max", "min", "multiple", "pattern", "required", "step"];
const EVERYWHERE = (
  "flexbox canvas canvastext geolocation postmessage hashchange history draganddrop websockets rgba hsla multiplebgs backgroundsize " +
  "borderimage borderradius boxshadow textshadow opacity cssanimations csscolumns cssgradients cssreflections csstransforms " +
  "csstransforms3d csstransitions fontface generatedcontent video audio localstorage sessionstorage webworkers svg inlinesvg smil " +
  "svgclippaths"
).split(" ");

/** @param {() => unknown} test */
function works(test) {
  try {
    return Boolean(test());
  } catch {
    return false;
  }
}

/**
 * One address or several, at once or by a test.
 * @typedef {{ test?: unknown, yep?: string | string[], nope?: string | string[], load?: string | string[], both?: string | string[],
 *   callback?: (address: string, result: unknown, key: string) => void, complete?: () => void }} Item
 */

/** @param {string | Item | (string | Item)[]} items */
function load(items) {
  for (const one of [items].flat()) {
    const item = typeof one === "string" ? { load: one } : one;
    const wanted = "test" in item ? (item.test ? item.yep : item.nope) : item.load;
    const all = [wanted, item.both].flat().flatMap((address) => (address ? [address] : []));
    void Promise.all(all.map(loadOne)).then(() => {
      if (typeof item.callback === "function") for (const address of all) item.callback(address, item.test, address);
      if (typeof item.complete === "function") item.complete();
    });
  }
}

/** @param {string} address */
function loadOne(address) {
  return new Promise((done) => {
    const isStyle = /\.css(\?|$)/.test(address);
    const node = probe(isStyle ? "link" : "script");
    Object.assign(node, isStyle ? { rel: "stylesheet", href: address } : { src: address, async: false });
    node.onload = node.onerror = done;
    document.head.append(node);
  });
}

/** @param {string} name */
const hasStyle = (name) => name in probe("i").style;

export function installModernizr() {
  if (window.Modernizr) return;
  const input = probe("input");
  /** @param {string} type */
  const typed = (type) => {
    input.setAttribute("type", type);
    return input.type === type;
  };
  /** @type {Record<string, unknown>} */
  const Modernizr = { _version: "2.7.1", load };
  for (const name of EVERYWHERE) Modernizr[name] = true;
  Object.assign(Modernizr, {
    audio: plays(probe("audio"), AUDIO),
    video: plays(probe("video"), VIDEO),
    touch: "ontouchstart" in window || navigator.maxTouchPoints > 0,
    webgl: works(() => probe("canvas").getContext("webgl")),
    indexeddb: works(() => indexedDB && self.origin !== "null"),
    applicationcache: false,
    websqldatabase: false,
    cssreflections: CSS.supports("-webkit-box-reflect", "below"),
    input: Object.fromEntries(INPUT_ATTRIBUTES.map((name) => [name, name in input])),
    inputtypes: Object.fromEntries(INPUT_TYPES.map((type) => [type, typed(type)])),
    mq: (/** @type {string} */ query) => matchMedia(query).matches,
    testProp: hasStyle,
    testAllProps: hasStyle,
    prefixed: (/** @type {string} */ name) => (hasStyle(name) ? name : false),
    hasEvent: (/** @type {string} */ name, element = probe("div")) => `on${name}` in element,
    /** @param {string} name @param {unknown} test */
    addTest(name, test) {
      Modernizr[name] ??= Boolean(typeof test === "function" ? test() : test);
      note(name);
      return Modernizr;
    },
  });
  /** @param {string} name */
  const note = (name) => document.documentElement.classList.add((Modernizr[name] ? "" : "no-") + name);
  window.Modernizr = Modernizr;
  if (!document.documentElement.classList.replace("no-js", "js")) document.documentElement.classList.add("js");
  for (const name of [...EVERYWHERE, "touch", "webgl", "indexeddb", "applicationcache", "websqldatabase"]) note(name);
}
