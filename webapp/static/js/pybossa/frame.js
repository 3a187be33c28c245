/* The world inside a presenter's frame, set up before anything of the presenter's runs.
 *
 * The frame has a host of its own, or an opaque origin: no cookies, no storage. Neither has a way into the page around it. What old
 * presenters expect of a page of the site is given to them by messages to the page around, and in an opaque origin by stand-ins (frame/).
 */
import { installCalls } from './frame/calls.js';
import { installCookies } from './frame/cookies.js';
import { handover, passOn } from './frame/handover.js';
import { installLinks } from './frame/links.js';
import { installMedia } from './frame/media.js';
import { installModernizr } from './frame/modernizr.js';
import { notify, pybossaNotify } from './frame/notice.js';
import { installStorage } from './frame/storage.js';

/** @import { AreaName, Bridge, Calls, Change, FromFrame, FromPage, Method } from '../guest/bridge.js' */

/**
 * What the server says to this document (webapp/views/project/frames.py): the site's origin, and the address that PYBOSSA would show.
 * @typedef {{ site: string, address: string, theme: string, preview: boolean, texts: Record<string, string> }} Config
 */

(function () {
  'use strict';

  /** @type {Config} */
  var config = JSON.parse(document.getElementById('workbee-frame')?.textContent ?? '');
  var parentWindow = window.parent;
  var passed = handover;
  var isOpaque = window.origin === 'null';

  /* By itself this document is nobody's page, whatever it shows: where browsers do not tell the server so, it is told here. */
  if (parentWindow === window) {
    window.location.replace(config.site + config.address);
    window.stop();
    return;
  }

  /* ---- messages ---- */

  /** @type {Record<number, { resolve: (result: any) => void, reject: (error: string) => void }>} */
  var waiting = {};
  // A random start: a late reply to a call of the previous document in this frame must match none of this one's.
  var count = crypto.getRandomValues(new Uint32Array(1))[0] * 0x100000;
  var token = passed.token || null;
  // Another document in another frame may hold this one as well: it must be our own page that speaks.
  var pageOrigin = config.site;

  var largest = passed.largest || Infinity;
  var TOO_LARGE = 'This is too large: at most ' + Math.floor(largest / 1024) + ' KiB can be taken.';
  var TOO_DEEP = 'This is nested too deeply: at most 100 levels can be taken.';
  var NO_JSON = 'This cannot be written as JSON: ';
  var DEEPEST = 100;
  var stringify = JSON.stringify;

  /**
   * What a guest gives crosses as JSON text, whatever it was before: anything else could stop the page around, or what it sends.
   * @param {object} [args]
   */
  function encode(args) {
    var text;
    try { text = stringify(args || {}); } catch (error) { throw new Error(NO_JSON + messageOf(error)); }
    if (text.length > largest || new TextEncoder().encode(text).length > largest) { throw new Error(TOO_LARGE); }
    if (depthOf(text) > DEEPEST) { throw new Error(TOO_DEEP); }
    return text;
  }

  /** @param {unknown} error */
  function messageOf(error) { return error instanceof Error ? error.message : String(error); }

  /** @param {string} text */
  function depthOf(text) {
    var depth = 0, deepest = 0, isInText = false;
    for (var place = 0; place < text.length; place += 1) {
      var sign = text[place];
      if (sign === '"') { isInText = !isInText; } else if (sign === '\\') { place += 1; } else if (isInText) { continue; }
      if (sign === '[' || sign === '{') { deepest = Math.max(deepest, depth += 1); } else if (sign === ']' || sign === '}') { depth -= 1; }
    }
    return deepest;
  }

  /** @param {Omit<FromFrame, 'workbee'>} message */
  function post(message) {
    parentWindow.postMessage(Object.assign(message, { workbee: passed.channel }), pageOrigin);
  }

  /** @template {Method} M @param {M} method @param {Calls[M]} args */
  function tell(method, args) { post({ method: method, args: encode(args) }); }

  /** @param {Method} method @param {string} text @returns {Promise<any>} */
  function request(method, text) {
    return new Promise(function (resolve, reject) {
      count += 1;
      waiting[count] = { resolve: resolve, reject: reject };
      post({ id: count, method: method, args: text });
    });
  }

  if (passed.channel) {
    tell('hello', {});
    takeAddress();
  }

  /* The address is that of the page which PYBOSSA would show. Where tickets and tokens are, it is not. */
  function takeAddress() {
    var query = new URLSearchParams(window.location.search);
    query.delete('ticket');
    var text = query.toString();
    window.history.replaceState(null, '', config.address + (text ? '?' + text : '') + window.location.hash);
  }

  window.addEventListener('message', function (event) {
    if (event.source !== parentWindow || event.origin !== pageOrigin) { return; }
    if (event.data && event.data.workbee === passed.channel) { hear(event.data); }
  });

  /** @param {FromPage} message */
  function hear(message) {
    if ('token' in message) {
      token = message.token;
      passOn({ token: token });
    } else if ('preview' in message) {
      if (config.preview) { show(message.preview); }
    } else if ('measure' in message) {
      watchHeight();
    } else if ('keys' in message) {
      document.documentElement.setAttribute('data-keys', message.keys ? 'on' : 'off');
    } else if ('font' in message) {
      document.fonts.add(new FontFace('Inter Variable', message.font, { weight: '100 900' }));
    } else if ('gone' in message) {
      if (bridge) { bridge.gone = message.gone; }
    } else if (waiting[message.id]) {
      var call = waiting[message.id];
      delete waiting[message.id];
      if (message.ok) { call.resolve(message.result); } else { call.reject(message.error); }
    }
  }

  /** @type {Bridge | null} */
  var bridge = null;
  if (passed.channel) {
    window.workbeeBridge = bridge = {
      /* Whether the page around draws tasks and takes answers: beside a tutorial or results the API is called directly. */
      givesTasks: passed.givesTasks === true,
      /* What cannot cross is rejected at once. */
      call: function (method, args) {
        try { return request(method, encode(args)); } catch (error) { return Promise.reject(messageOf(error)); }
      },
      tell: tell,
      /* `call` in two steps; the first throws for what cannot cross. */
      encode: encode,
      send: request,
      /* The task whose slot has gone while it was shown. */
      gone: null,
      devices: passed.devices
    };
  }

  /**
   * The editor's preview: what is being written, run as it would be for a volunteer.
   * @param {string} text
   */
  function show(text) {
    config.preview = false;
    var place = document.querySelector('.container');
    // oxlint-disable-next-line no-restricted-properties -- what the frame is there for: to run what its owner is writing
    place?.appendChild(document.createRange().createContextualFragment(text));
  }

  if (config.preview) { document.addEventListener('DOMContentLoaded', function () { tell('ready', {}); }); }

  /* Where the page around wants to be as high as this document, it is told how high that is, and whenever that changes. */
  function watchHeight() {
    var told = 0, shown = 0;
    var report = function () {
      // The body, because the document itself is never lower than its frame.
      var height = isBlank() ? 0 : Math.ceil(document.body.getBoundingClientRect().top + window.pageYOffset + document.body.scrollHeight);
      // What grew only because its frame did (100vh and a margin) would grow for ever.
      var pushed = shown && window.innerHeight > shown && height > told;
      shown = window.innerHeight;
      if (pushed || height === told) { return; }
      told = height;
      tell('height', { height: height });
    };
    new ResizeObserver(report).observe(document.body);
  }

  /* Whether nothing can be seen in here. */
  function isBlank() {
    var seen = Array.prototype.some.call(document.querySelectorAll('img, canvas, svg, video, audio, iframe, object, embed, input, textarea, select'),
      function (element) { return element.getClientRects().length > 0; });
    return !seen && document.body.innerText.trim() === '';
  }

  /* ---- addresses: this document may have a host of its own, beside that of the page around it ---- */

  /** @param {string | URL} address */
  function urlOf(address) {
    try { return new URL(address, document.baseURI); } catch { return null; }
  }

  /** @param {URL} url */
  function isOurs(url) {
    return url.origin === pageOrigin || url.origin === window.location.protocol + '//' + window.location.host;
  }

  /** @param {string[]} places @returns {(address: string | URL) => boolean} */
  function isBelow(places) {
    return function (address) {
      const url = urlOf(address);
      return url !== null && isOurs(url) && places.some(function (place) { return url.pathname.indexOf(place) === 0; });
    };
  }

  var isFile = isBelow(['/static/', '/uploads/']);

  /* ---- stand-ins for what an opaque origin lacks, and a frame where browsers deny storage or cookies to all that is not of the site ---- */

  installKept(isOpaque || !hasStorage(), isOpaque || !hasCookies());
  if (isOpaque) { installMedia(isFile); }

  function hasStorage() {
    try { return Boolean(window.localStorage); } catch { return false; }
  }

  function hasCookies() {
    try {
      document.cookie = 'workbee-probe=1';
      var isKept = document.cookie.indexOf('workbee-probe=1') >= 0;
      document.cookie = 'workbee-probe=; max-age=0';
      return isKept;
    } catch { return false; }
  }

  /**
   * What the page around keeps for this project and this contributor; the changes of one task of the event loop go to it together.
   * @param {boolean} lacksStorage
   * @param {boolean} lacksCookies
   */
  function installKept(lacksStorage, lacksCookies) {
    if (!lacksStorage && !lacksCookies) { return; }
    var kept = passed.kept || {};
    /** @type {Change[]} */
    var changes = [];
    /** @param {AreaName} area @param {string | null} key @param {string | null} value */
    function changed(area, key, value) {
      if (!changes.length) { queueMicrotask(tellChanges); }
      changes.push([area, key, value]);
    }
    function tellChanges() {
      if (bridge) { bridge.tell('keep', { changes: changes }); }
      changes = [];
    }
    var areas = { ...(lacksStorage && installStorage(kept, changed)), ...(lacksCookies && installCookies(kept, changed)) };
    // The document that comes after this one in the same frame goes on with it.
    window.addEventListener('pagehide', function () { passOn({ kept: areas }); });
  }

  /* A presenter's own steps must not fill the browser's history: Back leads out of the project, not through its tasks. */
  var replace = window.history.replaceState.bind(window.history);
  window.history.pushState = function (state, title, address) {
    try { replace(state, title, address); } catch { /* an address that this document may not show */ }
  };

  installCalls({ isApi: isBelow(['/api/']), isFile: isFile, token: function () { return token; } });

  installLinks({
    isOurs: isOurs,
    onSite: function (url) { return pageOrigin + url.pathname + url.search + url.hash; },
    ask: function (href) {
      if (!bridge) { return Promise.resolve(false); }
      return bridge.call('navigate', { href: href }).then(function (isFollowed) { return isFollowed !== false; });
    },
    tell: notify,
    texts: config.texts
  });

  /* ---- small globals that presenters assume ---- */

  installModernizr();
  window.pybossaNotify = pybossaNotify;

  /* Before any handler of the presenter's for the document being ready. */
  document.addEventListener('DOMContentLoaded', function () {
    if (passed.language) {
      var locale = document.getElementById('PYBOSSA_USER_LOCALE');
      if (locale) { locale.textContent = passed.language; }
    }
  });

  if (config.theme) { document.documentElement.setAttribute('data-theme', config.theme); }
}());
