// Modernizr as presenters of PYBOSSA's time know it (2.7): `load`, the tests by name, and the classes on <html>. Of the browsers
// that this site is made for (2024 on) most answers are known; the others are asked of the browser.

const probe = (name) => document.createElement(name);
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

function works(test) {
  try {
    return Boolean(test());
  } catch {
    return false;
  }
}

function load(items) {
  for (const item of [].concat(items)) {
    const wanted = typeof item === "string" ? item : "test" in item ? (item.test ? item.yep : item.nope) : item.load;
    const all = [wanted, item.both].flat().filter(Boolean);
    Promise.all(all.map(loadOne)).then(() => {
      if (typeof item.callback === "function") for (const address of all) item.callback(address, item.test, address);
      if (typeof item.complete === "function") item.complete();
    });
  }
}

function loadOne(address) {
  return new Promise((done) => {
    const isStyle = /\.css(\?|$)/.test(address);
    const node = probe(isStyle ? "link" : "script");
    Object.assign(node, isStyle ? { rel: "stylesheet", href: address } : { src: address, async: false });
    node.onload = node.onerror = done;
    document.head.append(node);
  });
}

export function installModernizr() {
  if (window.Modernizr) return;
  const input = probe("input");
  const typed = (type) => {
    input.setAttribute("type", type);
    return input.type === type;
  };
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
    mq: (query) => matchMedia(query).matches,
    testProp: (name) => name in probe("i").style,
    testAllProps: (name) => name in probe("i").style,
    prefixed: (name) => (name in probe("i").style ? name : false),
    hasEvent: (name, element = probe("div")) => `on${name}` in element,
    addTest(name, test) {
      Modernizr[name] ??= Boolean(typeof test === "function" ? test() : test);
      note(name);
      return Modernizr;
    },
  });
  const note = (name) => document.documentElement.classList.add((Modernizr[name] ? "" : "no-") + name);
  window.Modernizr = Modernizr;
  document.documentElement.classList.replace("no-js", "js") || document.documentElement.classList.add("js");
  for (const name of [...EVERYWHERE, "touch", "webgl", "indexeddb", "applicationcache", "websqldatabase"]) note(name);
}
