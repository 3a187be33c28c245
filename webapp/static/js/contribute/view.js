// What the volunteer sees around the presenter: progress, the comb at the foot, what is waiting, the end.

import { projectPath } from "../site/addresses.js";

/** @import { RefusedAnswer } from "./queue.js" */
/** @import { FrameConfig } from "../guest/frame.js" */
/** @typedef {{ done: number, total: number }} Done */
/**
 * What the server says to this page, with the words in the volunteer's language.
 * @typedef {FrameConfig & Done & { frame_url: string, name: string, description: string, task_id: number | null, texts: Record<string, string> }} Config
 */

/**
 * The words with these values in their places: `{name}`. Values are other people's: what means something in a replacement stays a text.
 * @param {string} words @param {Record<string, string | number>} values numbers as they are written where the volunteer is
 */
export const worded = (words, values) => words.replace(/\{(\w+)\}/g, (place, name) => (Object.hasOwn(values, name) ? values[name].toLocaleString() : place));

/** @param {Element[]} cells @param {number} full */
function fill(cells, full) {
  cells.forEach((cell, place) => {
    cell.setAttribute("class", place === full - 1 ? "comb-fresh" : place < full ? "comb-done" : "comb-open");
  });
}

// A guest may say what it likes of its height, in pixels.
const LOWEST = 48;
const HIGHEST = 16000;

/** @param {RefusedAnswer} answer */
const forPeople = ({ shortName, projectId, taskId, at, status, reason, info }) => ({
  project: shortName,
  project_id: projectId,
  task_id: taskId,
  answered: new Date(at).toISOString(),
  status,
  reason,
  info,
});

/** @param {string} name @param {unknown} document_ */
function saveAsFile(name, document_) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(document_, null, 2)], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

export class View {
  /** @param {Document} page @param {Config} config */
  constructor(page, config) {
    this.page = page;
    this.config = config;
    this.texts = config.texts;
    this.done = config.done;
    this.total = config.total;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.cells = [...page.querySelectorAll("[data-cell]")];
    this.projectCells = [...page.querySelectorAll("[data-project-cell]")];
    this.fillComb(config.done, config.total);
  }

  /** @param {string} name @returns {HTMLElement | null} */
  find(name) {
    return this.page.querySelector(`[data-part="${name}"]`);
  }

  /** @param {string} name */
  part(name) {
    return /** @type {HTMLElement} */ (this.find(name));
  }

  /** @param {string} text */
  say(text) {
    this.part("status").textContent = text;
  }

  /** @param {"frame" | "waiting" | "thanks"} name */
  show(name) {
    for (const part of ["frame", "waiting", "thanks"]) this.part(part).hidden = part !== name;
    /** @type {HTMLElement | null} */
    const skip = this.page.querySelector("[data-skip]");
    if (skip) skip.hidden = name !== "frame";
  }

  /** @param {Done} progress */
  progress({ done, total }) {
    this.done = done;
    this.total = total;
    this.part("done").textContent = worded(this.texts.progress, { done, total });
    this.count("own", done);
    this.thankFor(done);
    this.fillComb(done, total);
  }

  /** A cell an answer; a full comb is followed by the next one. @param {number} done @param {number} total */
  fillComb(done, total) {
    const size = this.cells.length;
    fill(this.cells, done >= total ? size : done && ((done - 1) % size) + 1);
  }

  /** A number with the word below it, which knows one from many. @param {string} name @param {number} number */
  count(name, number) {
    const label = this.part(`${name}-label`);
    const { one = "", many = "" } = label.dataset;
    this.part(name).textContent = number.toLocaleString();
    label.textContent = number === 1 ? one : many;
  }

  saved() {
    this.say(this.texts.saved);
  }

  present() {
    this.show("frame");
  }

  waiting() {
    this.show("waiting");
    this.say(this.texts.waiting);
  }

  // The presenter's own end stays, as high as it is, and the site's thanks come below.
  finished() {
    this.show("thanks");
    this.part("frame").hidden = false;
    this.page.getElementById("contribute")?.classList.add("stage-over");
    this.part("thanks-title").focus({ preventScroll: true });
    if (location.pathname.includes("/task/")) history.replaceState({}, "", projectPath(this.config.short_name, "newtask"));
  }

  /** A presenter that shows nothing at its end leaves the page to the thanks. @param {number} height */
  fitFrame(height) {
    if (!this.isOver() || !Number.isFinite(height)) return;
    const shown = height > 0 ? Math.min(Math.max(height, LOWEST), HIGHEST) : 0;
    this.part("frame").style.blockSize = `${shown}px`;
  }

  isOver() {
    return !this.part("thanks").hidden;
  }

  /** Whoever comes when all is answered has nothing to be thanked for, and nothing to keep. @param {number} done */
  thankFor(done) {
    this.part("thanks-done").hidden = !done;
    this.part("thanks-none").hidden = Boolean(done);
    const keep = this.find("thanks-keep");
    if (keep) keep.hidden = !done;
  }

  /**
   * What the whole project has come to, as its own page says it.
   * @param {{ overall_progress: number, n_volunteers: number } | null} project
   */
  projectDone(project) {
    if (!project) return;
    const share = project.overall_progress;
    this.part("project-progress").textContent = `${Math.round(share).toLocaleString()} %`;
    this.count("volunteers", project.n_volunteers);
    // Some of it is not none, and nearly all of it is not all, as in the combs of other pages.
    const size = this.projectCells.length;
    fill(this.projectCells, share >= 100 ? size : Math.min(Math.max(Math.round((share * size) / 100), share ? 1 : 0), size - 1));
  }

  /** @param {number} count */
  waitingAnswers(count) {
    const badge = this.part("badge");
    badge.hidden = count === 0;
    badge.textContent = worded(count === 1 ? this.texts.one_waiting : this.texts.many_waiting, { count });
  }

  /**
   * What the server will never take, whatever project it was for: to be saved, or let go of with `letGo`.
   * @param {RefusedAnswer[]} answers @param {(answer: RefusedAnswer) => void} letGo
   */
  refused(answers, letGo) {
    const opener = this.part("refused");
    const dialog = /** @type {HTMLDialogElement} */ (this.part("refused-dialog"));
    opener.hidden = answers.length === 0;
    opener.textContent = worded(answers.length === 1 ? this.texts.one_refused : this.texts.many_refused, { count: answers.length });
    opener.onclick = () => dialog.showModal();
    this.part("refused-save").onclick = () => saveAsFile("answers-not-sent.json", answers.map(forPeople));
    this.part("refused-items").replaceChildren(...answers.map((answer) => this.refusedItem(answer, letGo)));
    if (!answers.length) dialog.close();
  }

  /** @param {RefusedAnswer} answer @param {(answer: RefusedAnswer) => void} letGo */
  refusedItem(answer, letGo) {
    const template = /** @type {HTMLTemplateElement} */ (this.part("refused-item"));
    const item = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
    const [task, reason, button] = /** @type {HTMLElement[]} */ ([...item.querySelectorAll("[data-part=refused-task], [data-part=refused-reason], button")]);
    task.textContent = worded(this.texts.refused_task, { task: String(answer.taskId), project: answer.shortName });
    reason.textContent = answer.reason;
    button.onclick = () => letGo(answer);
    return item;
  }

  /** @param {boolean} isOff */
  offline(isOff) {
    this.part("offline").hidden = !isOff;
  }

  signedOut() {
    this.trouble(this.texts.signed_out);
  }

  /** @param {string} text */
  trouble(text) {
    const notice = this.part("trouble");
    notice.textContent = text;
    notice.hidden = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (notice.hidden = true), 10000);
  }
}
