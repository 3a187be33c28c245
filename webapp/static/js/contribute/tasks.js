// Which task comes next: the one at hand and one fetched ahead, so that nobody waits between tasks on a good line.

import { Away, Refused, hold, newTask, task as fetchTask } from "./api.js";

const POLL_FIRST = 3000;
const POLL_LONGEST = 30000;
const SETTLING = 1500;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const atMost = (promise, ms) => Promise.race([promise, pause(ms)]);

export class Tasks extends EventTarget {
  // `queued` tells which tasks have an answer that is not sent yet; `settled` resolves when nothing is being sent; `flush`
  // sends at once what could still be taken back.
  constructor(projectId, { queued, settled, flush }) {
    super();
    this.projectId = projectId;
    this.queued = queued;
    this.settled = settled;
    this.flush = flush;
    this.memory = `workbee-skipped-${projectId}`;
    this.skipped = new Set(JSON.parse(sessionStorage.getItem(this.memory) || "[]"));
    this.current = null;
    this.answered = Promise.resolve();
  }

  // Until the line is back: nothing that a draw may do is lost by repeating it.
  async patiently(request) {
    for (let wait = 1000; ; wait = Math.min(2 * wait, POLL_LONGEST)) {
      try {
        const answer = await request();
        if (wait > 1000) this.dispatchEvent(new CustomEvent("back"));
        return answer;
      } catch (error) {
        if (!(error instanceof Away)) throw error;
        this.dispatchEvent(new CustomEvent("away"));
        await Promise.race([pause(Math.max(wait, error.pause)), new Promise((go) => addEventListener("online", go, { once: true }))]);
      }
    }
  }

  // A task that is neither at hand, nor skipped, nor answered already with the answer still on its way.
  async draw(offset) {
    const busy = new Set([...this.skipped, ...(await this.queued())]);
    if (offset > 0 && this.current) busy.add(this.current);
    for (let place = offset; ; place += 1) {
      const drawn = await this.patiently(() => newTask(this.projectId, place));
      if (drawn.task && busy.has(drawn.task.id)) continue;
      // What is drawn further down the list is lent; shown at once, it is to be held like any other.
      if (drawn.task && offset === 0 && place > 0 && !(await this.patiently(() => hold(this.projectId, drawn.task.id)))) continue;
      return drawn;
    }
  }

  begin(taskId) {
    if (taskId === this.current) return;
    this.current = taskId;
    this.answered = new Promise((resolve) => (this.resolveAnswered = resolve));
  }

  isAnswered(taskId) {
    if (taskId === this.current) this.resolveAnswered();
  }

  // The task that was asked for by its address: held if it can be, shown as lent if not, and another if it is answered or gone.
  async atAddress(taskId) {
    if ((await this.queued()).includes(taskId)) return this.untilThereIsOne();
    try {
      await this.patiently(() => hold(this.projectId, taskId));
      return await this.patiently(() => fetchTask(taskId));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return this.untilThereIsOne();
    }
  }

  // While all tasks left are in other hands, ask again now and then; `{}` means that nothing is left.
  async untilThereIsOne() {
    for (let wait = POLL_FIRST; ; wait = Math.min(1.5 * wait, POLL_LONGEST)) {
      const drawn = await this.draw(0);
      if (!drawn.task && this.skipped.size) {
        // Nothing but what was skipped is left: it may be looked at once more.
        this.rememberSkipped(new Set());
        continue;
      }
      if (drawn.task || drawn.left !== "waiting" || drawn.note) {
        this.dispatchEvent(new CustomEvent(drawn.task ? "found" : "finished"));
        return drawn.task || {};
      }
      if ((await this.queued()).length) await this.settled();
      this.dispatchEvent(new CustomEvent("waiting"));
      await pause(wait);
    }
  }

  // Fetched ahead. If there is none, the answer to the task at hand decides: it may be the last one, or not.
  async ahead() {
    const { answered } = this;
    const drawn = await this.draw(1);
    if (drawn.task) return drawn.task;
    await answered;
    await atMost(this.flush(), 10 * SETTLING);
    return this.untilThereIsOne();
  }

  // As a task is shown: hold a slot of it, or find another if its slots have gone meanwhile. Where that takes long it is shown as
  // lent: an answer to it is kept in any case.
  async confirm(taskId) {
    await atMost(this.settled(), SETTLING);
    const gone = async () => !(await hold(this.projectId, taskId));
    const isGone = await atMost(
      gone().catch((error) => error instanceof Refused),
      SETTLING,
    );
    return isGone ? this.untilThereIsOne() : null;
  }

  skip() {
    if (this.current) this.rememberSkipped(new Set([...this.skipped, this.current]));
  }

  rememberSkipped(skipped) {
    this.skipped = skipped;
    sessionStorage.setItem(this.memory, JSON.stringify([...skipped]));
  }
}
