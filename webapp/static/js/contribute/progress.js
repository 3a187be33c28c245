// How many tasks the volunteer has answered. The page knows best what it has just taken, the server what was done elsewhere:
// the server is believed only where nothing was on its way while it was asked.

export class Progress {
  /**
   * `fetchProgress` asks the server; `isSettled` tells whether it has every answer.
   * @param {{ done: number, total: number }} known
   * @param {{ fetchProgress: () => Promise<{ done: number, total: number }>, isSettled: () => Promise<boolean> }} server
   */
  constructor({ done, total }, { fetchProgress, isSettled }) {
    this.done = done;
    this.total = total;
    this.fetchProgress = fetchProgress;
    this.isSettled = isSettled;
    this.changes = 0;
  }

  /** @param {number} number */
  add(number) {
    this.changes += 1;
    this.done = Math.min(Math.max(this.done + number, 0), this.total);
    return this.current;
  }

  get current() {
    return { done: this.done, total: this.total };
  }

  async refresh() {
    const { changes } = this;
    if (await this.isSettled()) {
      const known = await this.fetchProgress().catch(() => null);
      if (known && changes === this.changes && (await this.isSettled())) Object.assign(this, { done: Math.min(known.done, known.total), total: known.total });
    }
    return this.current;
  }
}
