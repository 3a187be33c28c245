/* The world inside a presenter's frame, set up before anything of the presenter's runs.
 *
 * The frame has a host of its own, or an opaque origin: no cookies, no storage. Neither has a way into the page around it. What old
 * presenters expect of a page of the site is given to them here by messages to the page around, and in an opaque origin by stand-ins
 * that live as long as the frame.
 */
(function () {
  'use strict';

  var config = JSON.parse(document.getElementById('workbee-frame').textContent);
  var parentWindow = window.parent;
  var isOpaque = window.origin === 'null';
  var passed = parentWindow === window ? {} : passedByName();

  /* By itself this document is nobody's page, whatever it shows: where browsers do not tell the server so, it is told here. */
  if (parentWindow === window) {
    window.location.replace(config.site + config.address);
    window.stop();
    return;
  }

  /* What the page around hands over, in the name that it has given this frame. */
  function passedByName() {
    try { return JSON.parse(window.name) || {}; } catch (error) { return {}; }
  }

  /* ---- messages ---- */

  var waiting = {};
  var count = 0;
  var token = passed.token || null;
  // Another document in another frame may hold this one as well: it must be our own page that speaks.
  var pageOrigin = config.site;

  var TOO_LARGE = 'This is too large: at most ' + Math.floor(passed.largest / 1024) + ' KiB can be taken.';
  var TOO_DEEP = 'This is nested too deeply: at most 100 levels can be taken.';
  var NO_JSON = 'This cannot be written as JSON: ';
  var DEEPEST = 100;
  var stringify = JSON.stringify;

  /* What a guest gives crosses as JSON text, whatever it was before: anything else could stop the page around, or what it sends. */
  function encode(args) {
    var text;
    try { text = stringify(args || {}); } catch (error) { throw new Error(NO_JSON + (error && error.message)); }
    if (text.length > passed.largest || new TextEncoder().encode(text).length > passed.largest) { throw new Error(TOO_LARGE); }
    if (depthOf(text) > DEEPEST) { throw new Error(TOO_DEEP); }
    return text;
  }

  function depthOf(text) {
    var depth = 0, deepest = 0, isInText = false;
    for (var place = 0; place < text.length; place += 1) {
      var sign = text[place];
      if (sign === '"') { isInText = !isInText; } else if (sign === '\\') { place += 1; } else if (isInText) { continue; }
      if (sign === '[' || sign === '{') { deepest = Math.max(deepest, depth += 1); } else if (sign === ']' || sign === '}') { depth -= 1; }
    }
    return deepest;
  }

  function post(message) {
    message.workbee = passed.channel;
    parentWindow.postMessage(message, pageOrigin);
  }

  function tell(method, args) { post({ method: method, args: encode(args) }); }

  function request(method, text) {
    return new Promise(function (resolve, reject) {
      count += 1;
      waiting[count] = { resolve: resolve, reject: reject };
      post({ id: count, method: method, args: text });
    });
  }

  if (passed.channel) {
    tell('hello');
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
    var message = event.data;
    if (event.source !== parentWindow || event.origin !== pageOrigin) { return; }
    if (!message || message.workbee !== passed.channel) { return; }
    if (message.token) { token = message.token; return; }
    if (message.theme !== undefined) { pinTheme(message.theme); return; }
    if (message.preview !== undefined && config.preview) { show(message.preview); return; }
    if (message.measure) { watchHeight(); return; }
    if (message.keys !== undefined) { document.documentElement.setAttribute('data-keys', message.keys ? 'on' : 'off'); return; }
    if (message.gone) { window.workbeeBridge.gone = message.gone; return; }
    var request = waiting[message.id];
    if (!request) { return; }
    delete waiting[message.id];
    if (message.ok) { request.resolve(message.result); } else { request.reject(message.error); }
  });

  if (passed.channel) {
    window.workbeeBridge = {
      /* What cannot cross is rejected at once. */
      call: function (method, args) {
        try { return request(method, encode(args)); } catch (error) { return Promise.reject(error.message); }
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

  /* The editor's preview: what is being written, run as it would be for a volunteer. */
  function show(text) {
    config.preview = false;
    var place = document.querySelector('.container');
    place.appendChild(document.createRange().createContextualFragment(text));
  }

  if (config.preview) { document.addEventListener('DOMContentLoaded', function () { tell('ready'); }); }

  /* Where the page around wants to be as high as this document, it is told how high that is, and whenever that changes. */
  function watchHeight() {
    var told = 0, shown = 0;
    var report = function () {
      // The body, because the document itself is never lower than its frame.
      var height = Math.ceil(document.body.getBoundingClientRect().top + window.pageYOffset + document.body.scrollHeight);
      // What grew only because its frame did (100vh and a margin) would grow for ever.
      var pushed = shown && window.innerHeight > shown && height > told;
      shown = window.innerHeight;
      if (pushed || height === told) { return; }
      told = height;
      tell('height', { height: height });
    };
    new ResizeObserver(report).observe(document.body);
  }

  function pinTheme(theme) {
    if (theme) { document.documentElement.setAttribute('data-theme', theme); } else { document.documentElement.removeAttribute('data-theme'); }
  }

  /* ---- stand-ins for what an opaque origin lacks ---- */

  function MemoryStorage() { this.values = Object.create(null); }
  MemoryStorage.prototype = {
    getItem: function (key) { key = String(key); return key in this.values ? this.values[key] : null; },
    setItem: function (key, value) { this.values[String(key)] = String(value); },
    removeItem: function (key) { delete this.values[String(key)]; },
    clear: function () { this.values = Object.create(null); },
    key: function (index) { var keys = Object.keys(this.values); return index < keys.length ? keys[index] : null; },
    get length() { return Object.keys(this.values).length; }
  };

  /* Named access as well (localStorage.seen = 1), as the real one has it. */
  function storage() {
    return new Proxy(new MemoryStorage(), {
      get: function (target, name) {
        if (name in target) { var found = target[name]; return typeof found === 'function' ? found.bind(target) : found; }
        return target.getItem(name) === null ? undefined : target.getItem(name);
      },
      set: function (target, name, value) { target.setItem(name, value); return true; },
      deleteProperty: function (target, name) { target.removeItem(name); return true; },
      has: function (target, name) { return name in target || target.getItem(name) !== null; },
      ownKeys: function (target) { return Object.keys(target.values); },
      getOwnPropertyDescriptor: function (target, name) {
        var value = target.getItem(name);
        return value === null ? undefined : { value: value, writable: true, enumerable: true, configurable: true };
      }
    });
  }

  function standIn(owner, name, value) {
    try { Object.defineProperty(owner, name, { configurable: true, value: value }); } catch (error) { /* it stays as it is */ }
  }

  if (isOpaque) {
    standIn(window, 'localStorage', storage());
    standIn(window, 'sessionStorage', storage());
    giveCookies();
  }

  function giveCookies() {
    var cookies = {};
    try {
      Object.defineProperty(document, 'cookie', {
        configurable: true,
        get: function () { return Object.keys(cookies).map(function (name) { return name + '=' + cookies[name]; }).join('; '); },
        set: function (text) {
          var pair = String(text).split(';')[0];
          var at = pair.indexOf('=');
          if (at > 0) { cookies[pair.slice(0, at).trim()] = pair.slice(at + 1).trim(); }
        }
      });
    } catch (error) { /* reading cookies goes on throwing */ }
  }

  /* A presenter's own steps must not fill the browser's history: Back leads out of the project, not through its tasks. */
  var replace = window.history.replaceState.bind(window.history);
  window.history.pushState = function (state, title, address) {
    try { replace(state, title, address); } catch (error) { /* an address that this document may not show */ }
  };

  /* ---- calls to our API carry the frame's token ---- */

  function isOurs(address) {
    try {
      var parsed = new URL(address, document.baseURI);
      return (parsed.origin === pageOrigin || parsed.host === window.location.host) && parsed.pathname.indexOf('/api/') === 0;
    } catch (error) { return false; }
  }

  var open = XMLHttpRequest.prototype.open;
  var send = XMLHttpRequest.prototype.send;
  var setHeader = XMLHttpRequest.prototype.setRequestHeader;
  XMLHttpRequest.prototype.open = function (method, address) {
    this.workbeeOurs = isOurs(address);
    this.workbeeAuthorized = false;
    return open.apply(this, arguments);
  };
  XMLHttpRequest.prototype.setRequestHeader = function (name, value) {
    if (String(name).toLowerCase() === 'authorization') { this.workbeeAuthorized = true; }
    return setHeader.call(this, name, value);
  };
  XMLHttpRequest.prototype.send = function () {
    if (this.workbeeOurs && !this.workbeeAuthorized && token) { setHeader.call(this, 'Authorization', 'Bearer ' + token); }
    return send.apply(this, arguments);
  };

  if (window.fetch) {
    var fetch = window.fetch.bind(window);
    window.fetch = function (resource, options) {
      var address = typeof resource === 'string' || resource instanceof URL ? String(resource) : resource.url;
      if (!isOurs(address) || !token) { return fetch(resource, options); }
      var request = new Request(resource, options);
      if (!request.headers.has('Authorization')) { request.headers.set('Authorization', 'Bearer ' + token); }
      return fetch(request);
    };
  }

  /* ---- links are followed by the page around, which knows where they may lead ---- */

  document.addEventListener('click', function (event) {
    var link = event.target instanceof Element ? event.target.closest('a[href]') : null;
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    if (link.target === '_blank' || link.hasAttribute('download') || link.getAttribute('href').charAt(0) === '#') { return; }
    if (link.protocol !== 'http:' && link.protocol !== 'https:') { return; }
    event.preventDefault();
    if (window.workbeeBridge) { window.workbeeBridge.tell('navigate', { href: link.href }); }
  });

  /* ---- small globals that presenters assume ---- */

  window.Modernizr = window.Modernizr || {
    load: function (items) {
      [].concat(items).forEach(function (item) {
        var wanted = typeof item === 'string' ? item : ('test' in item ? (item.test ? item.yep : item.nope) : item.load);
        var pending = [].concat(wanted || []).map(function (address) {
          return new Promise(function (done) {
            var isStyle = /\.css(\?|$)/.test(address);
            var node = document.createElement(isStyle ? 'link' : 'script');
            if (isStyle) { node.rel = 'stylesheet'; node.href = address; } else { node.src = address; node.async = false; }
            node.onload = node.onerror = done;
            document.head.appendChild(node);
          });
        });
        Promise.all(pending).then(function () { if (typeof item.complete === 'function') { item.complete(); } });
      });
    }
  };

  var KINDS = { info: 1, success: 1, warning: 1, error: 1, danger: 1, message: 1, loading: 1 };

  window.pybossaNotify = function (text, show, type) {
    var box = document.getElementById('pybossa-notification');
    if (!box) { return; }
    var kind = KINDS[type] ? type : 'info';
    box.textContent = text || '';
    box.className = (show === false ? 'hide-notification ' : 'show-notification ') + 'notification-' + kind;
    clearTimeout(box.workbeeTimer);
    if (show !== false && kind !== 'loading') {
      box.workbeeTimer = setTimeout(function () { window.pybossaNotify(text, false, kind); }, 6000);
    }
  };

  pinTheme(config.theme);
}());
