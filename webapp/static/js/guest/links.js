// Where a guest may lead the page around it.

import { projectPath, restWithin } from "../site/addresses.js";

const TAB = /^\/(static|uploads|api)\//;
const EXTERNAL = ["mailto:", "tel:", "sms:"];
const ROOM = /^(newtask|presenter|tutorial|results|task\/\d+|)\/?$/;
const MOVES = 4;
const MEMORY = "workbee-guest-moves";

// A click or a key, a few seconds ago at the most, in this page or in the frame: the browser says so, not the guest.
const isAsked = () => navigator.userActivation?.isActive ?? false;

// What a guest does by itself, it may do a few times between two actions of its volunteer: no page loads itself for ever.
function mayMove() {
  const before = navigator.userActivation?.hasBeenActive ? 0 : Number(sessionStorage.getItem(MEMORY)) || 0;
  if (before >= MOVES) return false;
  sessionStorage.setItem(MEMORY, String(before + 1));
  return true;
}

export class Links {
  /** @param {string} shortName */
  constructor(shortName) {
    this.home = projectPath(shortName);
  }

  /**
   * Whether it was followed. Within the project this page goes there at once; elsewhere only where the volunteer has just done
   * something: to pages of the site in place of this one, to anything else in a tab of its own.
   * @param {string} href
   */
  follow(href) {
    const target = URL.canParse(href, location.href) ? new URL(href, location.href) : null;
    if (!target) return false;
    if (EXTERNAL.includes(target.protocol)) return isAsked() && this.goTo(target.href);
    if (!["http:", "https:"].includes(target.protocol)) return false;
    if (target.origin !== location.origin || TAB.test(target.pathname)) return isAsked() && this.openTab(target);
    return (isAsked() || (this.isWithin(target) && mayMove())) && this.goTo(target.pathname + target.search + target.hash);
  }

  /** @param {string} address */
  goTo(address) {
    location.assign(address);
    return true;
  }

  /** @param {URL} target */
  openTab(target) {
    open(target, "_blank", "noopener");
    return true;
  }

  /** @param {URL} target */
  isWithin({ pathname }) {
    return ROOM.test(restWithin(this.home, pathname) ?? "elsewhere");
  }
}
