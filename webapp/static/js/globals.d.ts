// What classic scripts leave on `window` for one another, for presenters, and for tests.

import type htmx from "htmx.org";
import type { Bridge } from "./guest/bridge.js";

declare global {
  interface Window {
    htmx: typeof htmx;
    workbeeBridge?: Bridge;
    pybossa: Record<string, Function>;
    pybossaNotify?: (text: unknown, isShown?: boolean, type?: string) => void;
    Modernizr?: Record<string, unknown>;
    PybossaPlayer: Function;
    PDFJS: object;
    /** Dropbox's chooser, where its script has come. */
    Dropbox?: {
      choose(options: {
        linkType: string;
        multiselect: boolean;
        success(files: { name: string; link: string }[]): void;
      }): void;
    };
    /** Trusted Types, which not every browser knows. */
    trustedTypes?: { createPolicy(name: string, rules: { createHTML(text: string): string }): unknown };
  }

  /** jQuery's plugins: Bootstrap's, and those that presenters of PYBOSSA's time load. */
  interface JQuery {
    tooltip: { Constructor: { DEFAULTS: { sanitize: boolean } } };
    popover: { Constructor: { DEFAULTS: { sanitize: boolean } } };
    dragscrollable(options?: object): this;
    scrollsync(options?: object): this;
  }
}
