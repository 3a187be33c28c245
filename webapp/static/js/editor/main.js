// The presenter's editor: highlighting beside a live preview that runs on a real task, in the same sandbox as for volunteers.

import { GuestFrame } from "../guest/frame.js";
import { codeEditor } from "./code.js";

/** @import { Methods } from "../guest/bridge.js" */
/** @import { FrameConfig } from "../guest/frame.js" */

const PAUSE = 600;

/** @param {HTMLElement} part */
export function mount(part) {
  const area = part.querySelector("textarea");
  const iframe = part.querySelector("iframe");
  if (!area) return undefined;
  /** @type {FrameConfig & { frame_url: string }} */
  const frame = JSON.parse(part.dataset.frame ?? "");
  /** @type {GuestFrame | null} */
  const guest = iframe && new GuestFrame(iframe, { frame, methods: previewed(part, frame, () => guest?.tell({ preview: area.value })) });
  const reload = () => guest?.open(frame.frame_url);
  let timer = 0;
  const editor = codeEditor(area, () => {
    clearTimeout(timer);
    timer = setTimeout(reload, PAUSE);
  });
  reload();
  return () => {
    clearTimeout(timer);
    editor.destroy();
  };
}

/**
 * Nothing that is answered in a preview is kept: it is there to be tried.
 * @param {HTMLElement} part @param {FrameConfig} frame @param {() => void} ready @returns {Methods}
 */
function previewed(part, frame, ready) {
  const { task } = part.dataset;
  const fetched = async () => (task ? (await fetch(`/api/task/${task}`)).json() : {});
  return {
    ready,
    project: () => ({ id: frame.project_id, short_name: frame.short_name, description: "" }),
    draw: ({ offset }) => (offset ? {} : fetched()),
    task: fetched,
    progress: () => ({ done: 0, total: 1 }),
    save: ({ task: answered, info }) => ({ id: null, task_id: /** @type {{ id: number }} */ (answered).id, info }),
    takeBack: () => true,
    shown: () => null,
    navigate: () => null,
  };
}
