// A frame in which somebody else's code is a guest: where it runs, what it is given, and what it may ask for.

import { askForDevices, allowedDevices } from "./devices.js";
import { Keep } from "./keep.js";
import { Links } from "./links.js";
import { readMessage } from "./message.js";

/** @import { FromFrame, Methods, Told } from "./bridge.js" */
/**
 * What the server says of a frame: `who` contributes, the bytes of the `largest_answer`, and `guest` where it has a host of its own.
 * @typedef {{ project_id: number, short_name: string, who: string, token: string | null, language: string, largest_answer: number,
 *   guest: { origin: string, ticket: string } | null }} FrameConfig
 */

// Not crypto.randomUUID: that is missing where a site is served without TLS.
export function randomKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// As the server says it of the documents themselves (webapp/http/security/frames.py).
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
  /**
   * `methods` are what the guest may call, each with an object that came as measured JSON; their results, or promises of them, go
   * back to it. `renew` fetches the token and the guest's host anew.
   * @param {HTMLIFrameElement} iframe
   * @param {{ frame: FrameConfig, methods?: Methods, renew?: () => Promise<Pick<FrameConfig, "token" | "guest"> | null>,
   *   failed?: (error: Error) => void }} options
   */
  constructor(iframe, { frame, methods = {}, renew = async () => null, failed = () => {} }) {
    this.iframe = iframe;
    this.frame = frame;
    const links = new Links(frame.short_name);
    this.kept = new Keep(frame.short_name, frame.who);
    this.givesTasks = "draw" in methods;
    this.renew = renew;
    this.failed = failed;
    /** @type {Methods} */
    this.methods = {
      navigate: ({ href }) => links.follow(String(href)),
      keep: ({ changes }) => this.kept.change(changes),
      hello: () => {
        this.greeted();
        this.#handFont().catch(() => {}); // there are others
      },
      reopen: () => this.reopen(),
      devices: ({ names }) => this.lend(names),
      none: () => undefined,
      ...methods,
    };
    this.openings = 0;
    this.isOwn = false;
    this.origin = location.origin;
    this.path = "";
    this.reopened = "";
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

  /** @param {string} path */
  open(path) {
    this.path = path;
    const guest = isUnreachable() ? null : this.frame.guest;
    this.isOwn = Boolean(guest);
    this.origin = guest?.origin ?? location.origin;
    const address = new URL(path, this.origin);
    for (const [name, value] of new URLSearchParams(location.search)) address.searchParams.append(name, value);
    if (guest) address.searchParams.set("ticket", guest.ticket);
    address.hash = location.hash;
    this.iframe.setAttribute("sandbox", this.isOwn ? OWN_ORIGIN : OPAQUE);
    this.iframe.setAttribute("allow", permissions(allowedDevices(this.frame), this.isOwn));
    this.isGreeted = false;
    this.openings += 1;
    this.iframe.src = address.href;
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

  // The page's own type, which it has by now: a frame shares no files with it, and each project's would fetch the font anew.
  async #handFont() {
    const link = /** @type {HTMLLinkElement | null} */ (document.getElementById("text-font"));
    const opening = this.openings;
    const response = link && (await fetch(link.href));
    const font = response?.ok && (await response.arrayBuffer());
    if (font && this.openings === opening) this.tell({ font });
  }

  // Its host does not know who looks, and the ticket that says so is old.
  async reopen() {
    this.greeted();
    const fresh = await this.renew();
    if (!fresh || this.reopened === this.path) return;
    this.reopened = this.path;
    Object.assign(this.frame, fresh);
    this.open(this.path);
  }

  /**
   * Devices are asked for by this page, for each project, and a frame has them from its next load on.
   * @param {unknown} names
   */
  async lend(names) {
    if (!(await askForDevices(this.frame, names))) return false;
    this.#name();
    this.open(this.path);
    return true;
  }

  /** @param {Told} message */
  tell(message) {
    // An opaque origin has no name by which it could be told apart.
    this.iframe.contentWindow?.postMessage({ workbee: this.channel, ...message }, this.isOwn ? this.origin : "*");
  }

  /**
   * Who sends is told by the window, by the channel that this page drew, and by the origin: the guest's own, or none.
   * @param {MessageEvent} event
   */
  async answer({ source, origin, data }) {
    if (source !== this.iframe.contentWindow || data?.workbee !== this.channel) return;
    if (origin !== "null" && !(this.isOwn && origin === this.origin)) return;
    const { id, method, args = "{}" } = /** @type {FromFrame} */ (data);
    /** @type {((args: object) => unknown) | undefined} */
    const called = typeof method === "string" && Object.hasOwn(this.methods, method) ? this.methods[method] : undefined;
    if (!called) return;
    const opening = this.openings;
    /** @param {{ ok: true, result: unknown } | { ok: false, error: string }} rest */
    const reply = (rest) => typeof id === "number" && this.openings === opening && this.tell({ id, ...rest });
    try {
      reply({ ok: true, result: (await called(readMessage(args, this.frame.largest_answer))) ?? null });
    } catch (error) {
      this.failed(/** @type {Error} */ (error));
      reply({ ok: false, error: String(/** @type {Error} */ (error).message) });
    }
  }
}

/** An opaque origin can only be named by a star. @param {string[]} names @param {boolean} isOwn */
function permissions(names, isOwn) {
  return names.map((name) => (isOwn ? name : `${name} *`)).join("; ");
}

function isUnreachable() {
  return Date.now() - Number(sessionStorage.getItem(UNREACHABLE) ?? 0) < UNREACHABLE_MS;
}
