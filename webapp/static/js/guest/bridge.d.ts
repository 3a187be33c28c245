// The messages between a page (guest/frame.js) and the frame in it that runs a presenter (pybossa/frame.js).

import type { LIMITS } from "./area.js";

/** A change of what the frame keeps: without a value the key goes, without a key all of the area does. */
export type Change = [area: AreaName, key: string | null, value: string | null];
export type AreaName = keyof typeof LIMITS;
export type Kept = { [Area in AreaName]?: Record<string, string> };

/** In the frame's name, as it starts. */
export interface Handover {
  /** Drawn by the page: it is in every message of the two. */
  channel?: string;
  token?: string | null;
  /** Bytes that a message may have. */
  largest?: number;
  devices?: string[];
  language?: string;
  givesTasks?: boolean;
  kept?: Kept;
}

/** What the frame may call, with the arguments of each. */
export interface Calls {
  hello: {};
  ready: {};
  none: {};
  reopen: { href: string };
  navigate: { href: string };
  keep: { changes: Change[] };
  devices: { names: string[] };
  height: { height: number };
  keys: {};
  project: { short_name: string };
  draw: { offset: number; current: number | null };
  task: { id: number | string };
  progress: { short_name: string };
  save: { task: { id: number; project_id: number }; info: unknown; options: { undoable?: boolean } };
  takeBack: { id: number };
  solved: { id: number };
  shown: { id: number | null };
}
export type Method = keyof Calls;

/** What comes back to the frame where it asks for it. */
export interface Results {
  navigate: boolean;
  devices: boolean;
  takeBack: boolean;
  project: { id: number; short_name: string; description: string; name?: string };
  draw: Task | { id?: undefined };
  task: Task;
  progress: { done: number; total: number };
  save: object;
}
export interface Task {
  id: number;
  project_id: number;
  [member: string]: unknown;
}

/** From the frame: `args` is the JSON text of `Calls[method]`; without an `id` nobody waits for a reply. */
export type FromFrame = { workbee: string; id?: number; method: Method; args?: string };

/** What the page makes of `args`: a stranger's code has sent them, so that their names are known and their values are not. */
export type Claimed<M extends Method> = { [Name in keyof Calls[M]]?: unknown };
export type Methods = { [M in Method]?: (args: Claimed<M>) => unknown };

/** From the page, told apart by the member that each kind alone has. */
export type Told =
  | { token: string }
  | { preview: string }
  | { measure: true }
  | { keys: boolean }
  /** The file of the page's own type. */
  | { font: ArrayBuffer }
  /** The task whose slot has gone while it was shown. */
  | { gone: number }
  | Reply;
export type Reply = { id: number } & ({ ok: true; result: unknown } | { ok: false; error: string });
export type FromPage = { workbee: string } & Told;

/** What pybossa/frame.js gives to the other scripts of the frame. */
export interface Bridge {
  givesTasks: boolean;
  call<M extends keyof Results>(method: M, args: Calls[M]): Promise<Results[M]>;
  tell<M extends Method>(method: M, args: Calls[M]): void;
  encode(args: object): string;
  send(method: Method, text: string): Promise<unknown>;
  gone: number | null;
  devices?: string[];
  /** By pybossa/presses.js, which is loaded after. */
  settle?(): void;
  isQuiet?(): boolean;
}
