// Links, forms and windows of a presenter lead where they lead on PYBOSSA's page, but never out of the task: the page around
// follows them (it knows where a guest may lead it), or a new tab does, or a notice says why nobody does.

const EXTERNAL = ["mailto:", "tel:", "sms:"];
const ROOM = /^\/project\/[^/]+\/(newtask|presenter|tutorial|results|task\/\d+)\/?$/;

/**
 * `isOurs(url)`: the site's, whichever of its hosts it names. `onSite(url)`: the same at the host of the page around. `ask(href)`: have
 * the page around follow it; resolves with whether it did. `tell(words, link)`: a notice.
 * @param {{ isOurs: (url: URL) => boolean, onSite: (url: URL) => string, ask: (href: string) => Promise<boolean>,
 *   tell: (words: string, link?: { href: string, text: string }) => void, texts: Record<string, string> }} site
 */
export function installLinks({ isOurs, onSite, ask, tell, texts }) {
  const openWindow = window.open.bind(window);

  /** @param {URL} url */
  async function follow(url) {
    const href = isOurs(url) ? onSite(url) : url.href;
    if (!(await ask(href))) tell(texts.not_followed, { href, text: texts.open });
  }

  /** Run as in the page, though a sandboxed frame goes to no such address. @param {URL} url */
  function run(url) {
    // oxlint-disable-next-line no-eval, no-script-url -- the presenter's own link, in the frame that runs its scripts anyway
    (0, eval)(decodeURIComponent(url.href.slice("javascript:".length)));
  }

  /** @param {URL} url @param {string} name */
  async function save(url, name) {
    try {
      const response = await fetch(url.href);
      if (!response.ok) throw new Error(response.statusText);
      const link = document.createElement("a");
      link.href = URL.createObjectURL(await response.blob());
      link.download = name || decodeURIComponent(url.pathname.split("/").pop() ?? "") || "download";
      HTMLElement.prototype.click.call(link);
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    } catch {
      tell(texts.not_saved, { href: url.href, text: texts.open });
    }
  }

  /** @param {URL} url */
  const isWithinDocument = (url) => url.href.includes("#") && url.href.split("#")[0] === location.href.split("#")[0];
  /** @param {string | undefined} target */
  const opensTab = (target) => target && !["_self", "_top", "_parent"].includes(target.toLowerCase());
  /** @param {string} target */
  const isFrameOfItsOwn = (target) =>
    [...document.querySelectorAll("iframe[name], frame[name]")].some((frame) => frame.getAttribute("name") === target);

  /**
   * What becomes of going to `url`: a function, or null where the browser does the right thing by itself.
   * @param {URL} url @param {{ target?: string, newTab?: boolean, download?: string | null }} link
   */
  function wayTo(url, { target = "", newTab = false, download = null } = {}) {
    // oxlint-disable-next-line no-script-url -- a comparison
    if (url.protocol === "javascript:") return () => run(url);
    if (EXTERNAL.includes(url.protocol)) return () => follow(url);
    if (isWithinDocument(url) && !newTab && !opensTab(target)) return null;
    if (target && isFrameOfItsOwn(target)) return null;
    if (download !== null) return url.protocol === "data:" || url.origin === self.origin ? null : () => save(url, download);
    if (url.protocol === "blob:" || url.protocol === "data:") return newTab || opensTab(target) ? null : () => openWindow(url.href, "_blank");
    if (url.protocol !== "http:" && url.protocol !== "https:") return () => tell(texts.not_followed);
    if (!newTab && !opensTab(target)) return () => follow(url);
    // A new tab needs nobody's help, but to find the site where it is.
    return isOurs(url) && onSite(url) !== url.href ? () => openWindow(onSite(url), newTab ? "_blank" : target) : null;
  }

  /** @param {string | URL} address */
  function urlOf(address) {
    try {
      return new URL(address, document.baseURI);
    } catch {
      return null;
    }
  }

  /* ---- clicks ---- */

  const XLINK = "http://www.w3.org/1999/xlink";
  /** @param {Element} link */
  const addressOf = (link) => link.getAttribute("href") ?? link.getAttributeNS(XLINK, "href");

  /** @param {Event} event */
  function linkOf(event) {
    const elements = event.composedPath().filter((one) => one instanceof Element);
    return elements.find((one) => ["a", "area"].includes(one.localName) && addressOf(one) !== null);
  }

  /** @param {MouseEvent} event */
  function onClick(event) {
    const link = linkOf(event);
    if (!link || event.defaultPrevented || event.button > 1) return;
    const url = urlOf(addressOf(link) ?? "");
    if (!url) return;
    const newTab = event.button === 1 || event.ctrlKey || event.metaKey || event.shiftKey;
    const way = wayTo(url, { target: link.getAttribute("target") ?? "", newTab, download: link.getAttribute("download") });
    if (!way) return;
    event.preventDefault();
    way();
  }

  /* ---- forms ---- */

  /** @param {SubmitEvent} event */
  function onSubmit(event) {
    if (event.defaultPrevented || !(event.target instanceof HTMLFormElement)) return;
    if (!send(event.target, event.submitter)) event.preventDefault();
  }

  /** Whether the browser is to send it. @param {HTMLFormElement} form @param {HTMLElement | null} submitter */
  function send(form, submitter) {
    /** @param {string} name */
    const of = (name) => submitter?.getAttribute(`form${name}`) ?? form.getAttribute(name) ?? "";
    const url = urlOf(of("action") || location.href);
    const target = of("target");
    if (!url || opensTab(target) || of("method").toLowerCase() === "dialog") return true;
    const isGet = of("method").toLowerCase() !== "post";
    if (isGet && url.href.split(/[?#]/)[0] === location.href.split(/[?#]/)[0]) return true;
    if (isOurs(url) && !isGet) tell(texts.not_sent);
    else if (isGet) {
      const fields = [...new FormData(form, submitter)].filter((field) => typeof field[1] === "string");
      url.search = String(new URLSearchParams(/** @type {[string, string][]} */ (fields)));
      void follow(url);
    } else {
      // To another site: as it is, but in a tab of its own.
      form.target = "_blank";
      setTimeout(() => (target ? (form.target = target) : form.removeAttribute("target")));
      return true;
    }
    return false;
  }

  const { submit } = HTMLFormElement.prototype;
  HTMLFormElement.prototype.submit = function () {
    if (send(this, null)) submit.call(this);
  };

  /* ---- listening ---- */

  /** @type {Record<string, (event: any) => void>} */
  const listeners = { click: onClick, auxclick: onClick, submit: onSubmit };
  for (const [name, listener] of Object.entries(listeners)) window.addEventListener(name, listener);

  // An event that is stopped on its way never comes to the window: it is looked at as soon as the listener that stopped it is done,
  // which is before the browser acts on it.
  for (const name of /** @type {const} */ (["stopPropagation", "stopImmediatePropagation"])) {
    const native = Event.prototype[name];
    Event.prototype[name] = function () {
      native.call(this);
      const listener = Object.hasOwn(listeners, this.type) && this.eventPhase !== Event.NONE && listeners[this.type];
      if (listener) queueMicrotask(() => listener(this));
    };
  }

  window.open = (address = "", target = "_blank", features) => {
    const url = address === "" ? null : urlOf(address);
    if (url && target && !opensTab(target)) {
      const way = wayTo(url);
      if (way) way();
      else location.href = url.href;
      return window;
    }
    return openWindow(url && isOurs(url) ? onSite(url) : address, target, features);
  };

  // By script (`location.href = …`), where the browser tells of it: not to documents with an opaque origin. The project's own pages
  // for volunteers have documents for this frame, and are gone to in here.
  /** @param {string} path */
  const projectOf = (path) => path.split("/").slice(1, 3).join("/");
  /** @param {URL} url */
  const isRoom = (url) => url.origin === self.origin && ROOM.test(url.pathname) && projectOf(url.pathname) === projectOf(location.pathname);

  window.navigation?.addEventListener("navigate", (event) => {
    const isOther = event.cancelable && !event.destination.sameDocument && !event.hashChange && !event.downloadRequest && !event.formData;
    if (!isOther || event.navigationType === "reload" || event.navigationType === "traverse") return;
    const url = new URL(event.destination.url);
    const way = isRoom(url) ? null : wayTo(url);
    if (!way) return;
    event.preventDefault();
    way();
  });
}
