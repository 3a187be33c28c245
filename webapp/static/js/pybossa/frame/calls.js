// Calls to our API carry the frame's token, and are made in the one way that an origin other than the site's may make them: without
// cookies, whatever the presenter asks for (`withCredentials`, `credentials: "include"`, `mode: "same-origin"`).

/** @typedef {(address: string | URL) => boolean} IsBelow */

/** @param {{ isApi: IsBelow, isFile: IsBelow, token: () => string | null }} site */
export function installCalls({ isApi, isFile, token }) {
  const { open, send, setRequestHeader } = XMLHttpRequest.prototype;
  const calls = new WeakMap();

  /**
   * @this {XMLHttpRequest}
   * @param {string} method @param {string | URL} address @param {[async?: any, user?: any, password?: any]} rest
   */
  XMLHttpRequest.prototype.open = function (method, address, ...rest) {
    calls.set(this, { api: isApi(address), file: isFile(address), authorized: false });
    return open.call(this, method, address, .../** @type {[boolean]} */ (rest));
  };

  XMLHttpRequest.prototype.setRequestHeader = function (name, value) {
    const call = calls.get(this);
    const header = String(name).toLowerCase();
    // jQuery's, which no file of ours depends on: without it the browser need not ask first.
    if (call?.file && header === "x-requested-with") return;
    if (call && header === "authorization") call.authorized = true;
    setRequestHeader.call(this, name, value);
  };

  XMLHttpRequest.prototype.send = function (...args) {
    const call = calls.get(this);
    if (call?.api || call?.file) this.withCredentials = false;
    if (call?.api && !call.authorized && token()) setRequestHeader.call(this, "Authorization", `Bearer ${token()}`);
    return send.apply(this, args);
  };

  const fetch = window.fetch.bind(window);
  window.fetch = (resource, options) => {
    const address = resource instanceof Request ? resource.url : String(resource);
    if (!isApi(address) && !isFile(address)) return fetch(resource, options);
    const request = new Request(new Request(resource, options), { credentials: "omit", mode: "cors" });
    if (isApi(address) && token() && !request.headers.has("Authorization")) request.headers.set("Authorization", `Bearer ${token()}`);
    return fetch(request);
  };

  const { sendBeacon } = navigator;
  Navigator.prototype.sendBeacon = function (address, body) {
    if (!isApi(address)) return sendBeacon.call(this, address, body);
    window.fetch(address, { method: "POST", body, keepalive: true }).catch(() => {});
    return true;
  };
}
