// A frame in which somebody else's code is a guest: what it is given, and what it may ask for.

// Not crypto.randomUUID: that is missing where a site is served without TLS.
export function randomKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const PAGES = /^(newtask|presenter|tutorial|results|stats|blog|task\/\d+|\d+|)\/?$/;
const FILES = /^\/(static|uploads)\//;

export class GuestFrame {
  // `methods` are what the guest may call; their results, or promises of them, go back to it.
  constructor(iframe, { shortName, token = null, methods = {} }) {
    this.iframe = iframe;
    this.home = `/project/${shortName}/`;
    this.methods = { navigate: ({ href }) => this.follow(String(href)), ...methods };
    this.channel = randomKey();
    // By the frame's name, because whoever opens the frame's address by itself must find nothing of this in it.
    // A frame takes its name as it is put into the page, and at no other time.
    const place = document.createComment("");
    iframe.replaceWith(place);
    iframe.name = JSON.stringify({ channel: this.channel, token });
    place.replaceWith(iframe);
    addEventListener("message", (event) => this.answer(event));
  }

  open(address) {
    this.iframe.src = address;
  }

  tell(message) {
    // The guest's origin is opaque: there is no other target that it could be told by.
    this.iframe.contentWindow?.postMessage({ workbee: this.channel, ...message }, "*");
  }

  // Who sends is told by the window, and by the channel that this page drew.
  async answer({ source, data }) {
    if (source !== this.iframe.contentWindow || data?.workbee !== this.channel) return;
    if (!Object.hasOwn(this.methods, data.method)) return;
    const reply = (rest) => data.id && this.tell({ id: data.id, ...rest });
    try {
      reply({ ok: true, result: (await this.methods[data.method](data.args ?? {})) ?? null });
    } catch (error) {
      this.onerror?.(error);
      reply({ ok: false, error: String(error.message) });
    }
  }

  // Links lead to the project's own pages, to files, and to other sites in a tab of their own. Nowhere else: this page's
  // own requests are trusted more than a guest is.
  follow(href) {
    const target = new URL(href, location.href);
    if (!["http:", "https:"].includes(target.protocol)) return;
    const own = target.origin === location.origin;
    if (!own || FILES.test(target.pathname)) open(target, "_blank", "noopener");
    else if (this.leadsWithin(target)) location.assign(target.pathname + target.hash);
  }

  leadsWithin({ pathname }) {
    return pathname.startsWith(this.home) && PAGES.test(pathname.slice(this.home.length));
  }
}
