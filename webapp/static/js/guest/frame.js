// A frame in which somebody else's code is a guest: where it runs, what it is given, and what it may ask for.

import { askForDevices, allowedDevices } from "./devices.js";
import { Keep } from "./keep.js";
import { Links } from "./links.js";
import { readMessage } from "./message.js";

// Not crypto.randomUUID: that is missing where a site is served without TLS.
export function randomKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// As the server says it of the documents themselves (webapp/http/frames.py).
const OPAQUE =
  "allow-scripts allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-downloads allow-pointer-lock";
// On a host of the guest's alone, where nothing of ours lives.
const OWN_ORIGIN = `${OPAQUE} allow-same-origin`;

// How long a host may be silent before the frame does without it, and for how long that is remembered.
const PATIENCE_MS = 8000;
const ON_ITS_WAY_MS = 1000;
const UNREACHABLE_MS = 10 * 60 * 1000;
const UNREACHABLE = "workbee-guests-unreachable";

export class GuestFrame {
  // `frame` is what the server says of it: `short_name`, `who` contributes, `token`, `language`, `largest_answer`, and `guest` ({origin, ticket}) where it has a host
  // of its own. `methods` are what the guest may call, each with an object that came as measured JSON; their results, or promises of
  // them, go back to it. `renew` fetches `{token, guest}` anew.
  constructor(iframe, { frame, methods = {}, renew = null }) {
    this.iframe = iframe;
    this.frame = frame;
    const links = new Links(frame.short_name);
    this.kept = new Keep(frame.short_name, frame.who);
    this.givesTasks = "draw" in methods;
    this.renew = renew;
    this.methods = {
      navigate: ({ href }) => links.follow(String(href)),
      keep: ({ changes }) => this.kept.change(changes),
      hello: () => this.greeted(),
      reopen: () => this.reopen(),
      devices: ({ names }) => this.lend(names),
      none: () => undefined,
      ...methods,
    };
    this.openings = 0;
    this.channel = randomKey();
    this.#name();
    addEventListener("message", (event) => this.answer(event));
  }

  // By the frame's name, because whoever opens the frame's address by itself must find nothing of this in it.
  // A frame takes its name as it is put into the page, and at no other time.
  #name() {
    const place = document.createComment("");
    this.iframe.replaceWith(place);
    this.iframe.removeAttribute("src");
    this.iframe.name = JSON.stringify({
      channel: this.channel,
      token: this.frame.token ?? null,
      largest: this.frame.largest_answer,
      devices: allowedDevices(this.frame),
      language: this.frame.language,
      givesTasks: this.givesTasks,
      kept: this.kept.areas,
    });
    place.replaceWith(this.iframe);
  }

  open(path) {
    this.path = path;
    const { guest } = this.frame;
    this.isOwn = Boolean(guest) && !isUnreachable();
    this.origin = this.isOwn ? guest.origin : location.origin;
    const address = new URL(path, this.origin);
    for (const [name, value] of new URLSearchParams(location.search)) address.searchParams.append(name, value);
    if (this.isOwn) address.searchParams.set("ticket", guest.ticket);
    address.hash = location.hash;
    this.iframe.setAttribute("sandbox", this.isOwn ? OWN_ORIGIN : OPAQUE);
    this.iframe.setAttribute("allow", permissions(allowedDevices(this.frame), this.isOwn));
    this.isGreeted = false;
    this.openings += 1;
    this.iframe.src = address;
    if (this.isOwn) this.#watch();
  }

  // A host that cannot be reached shows the browser's own error page, which says nothing and greets nobody.
  #watch() {
    const opening = this.openings;
    const fallBack = () => {
      if (this.isGreeted || this.openings !== opening) return;
      sessionStorage.setItem(UNREACHABLE, String(Date.now()));
      this.open(this.path);
    };
    // The greeting was sent before the frame had loaded, but it comes from another process.
    this.iframe.addEventListener("load", () => setTimeout(fallBack, ON_ITS_WAY_MS), { once: true });
    setTimeout(fallBack, PATIENCE_MS);
  }

  greeted() {
    this.isGreeted = true;
  }

  // Its host does not know who looks, and the ticket that says so is old.
  async reopen() {
    this.greeted();
    const fresh = (await this.renew?.()) ?? null;
    if (!fresh || this.reopened === this.path) return;
    this.reopened = this.path;
    Object.assign(this.frame, fresh);
    this.open(this.path);
  }

  // Devices are asked for by this page, for each project, and a frame has them from its next load on.
  async lend(names) {
    if (!(await askForDevices(this.frame, names))) return false;
    const place = this.iframe.parentElement;
    this.#name();
    this.open(this.path);
    place.dispatchEvent(new CustomEvent("guest:reopened"));
    return true;
  }

  tell(message) {
    // An opaque origin has no name by which it could be told apart.
    this.iframe.contentWindow?.postMessage({ workbee: this.channel, ...message }, this.isOwn ? this.origin : "*");
  }

  // Who sends is told by the window, by the channel that this page drew, and by the origin: the guest's own, or none.
  async answer({ source, origin, data }) {
    if (source !== this.iframe.contentWindow || data?.workbee !== this.channel) return;
    if (origin !== "null" && !(this.isOwn && origin === this.origin)) return;
    const { id, method, args = "{}" } = data;
    if (typeof method !== "string" || !Object.hasOwn(this.methods, method)) return;
    const opening = this.openings;
    const reply = (rest) => typeof id === "number" && this.openings === opening && this.tell({ id, ...rest });
    try {
      reply({ ok: true, result: (await this.methods[method](readMessage(args, this.frame.largest_answer))) ?? null });
    } catch (error) {
      this.onerror?.(error);
      reply({ ok: false, error: String(error.message) });
    }
  }
}

// An opaque origin can only be named by a star.
function permissions(names, isOwn) {
  return names.map((name) => (isOwn ? name : `${name} *`)).join("; ");
}

function isUnreachable() {
  return Date.now() - Number(sessionStorage.getItem(UNREACHABLE) ?? 0) < UNREACHABLE_MS;
}
