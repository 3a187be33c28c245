// What the volunteer sees around the presenter: progress, the comb at the foot, what is waiting, the end.

export class View {
  constructor(page, config) {
    this.page = page;
    this.config = config;
    this.texts = config.texts;
    this.done = config.done;
    this.total = config.total;
    this.part = (name) => page.querySelector(`[data-part="${name}"]`);
    this.cells = [...page.querySelectorAll("[data-cell]")];
    this.fillComb(config.done, config.total);
  }

  say(text) {
    this.part("status").textContent = text;
  }

  show(name) {
    for (const part of ["frame", "waiting", "thanks"]) this.part(part).hidden = part !== name;
    const skip = this.page.querySelector("[data-skip]");
    if (skip) skip.hidden = name !== "frame";
  }

  progress({ done, total }) {
    this.done = done;
    this.total = total;
    this.part("done").textContent = this.texts.progress.replace("{done}", done.toLocaleString()).replace("{total}", total.toLocaleString());
    this.part("own").textContent = done.toLocaleString();
    this.thankFor(done);
    this.fillComb(done, total);
  }

  // A cell an answer; a full comb is followed by the next one.
  fillComb(done, total) {
    const size = this.cells.length;
    const full = done >= total ? size : done && ((done - 1) % size) + 1;
    this.cells.forEach((cell, place) => {
      cell.setAttribute("class", place === full - 1 ? "comb-fresh" : place < full ? "comb-done" : "comb-open");
    });
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

  finished() {
    this.show("thanks");
    this.part("thanks-title").focus();
    if (location.pathname.includes("/task/")) history.replaceState({}, "", `/project/${this.config.short_name}/newtask`);
  }

  // Whoever comes when all is answered has nothing to be thanked for, and nothing to keep.
  thankFor(done) {
    this.part("thanks-done").hidden = !done;
    this.part("thanks-none").hidden = Boolean(done);
    const keep = this.part("thanks-keep");
    if (keep) keep.hidden = !done;
  }

  // What the whole project has come to, as its own page says it.
  projectDone(project) {
    if (!project) return;
    this.part("project-progress").textContent = `${Math.round(project.overall_progress).toLocaleString()} %`;
    this.part("volunteers").textContent = project.n_volunteers.toLocaleString();
  }

  waitingAnswers(count) {
    const badge = this.part("badge");
    badge.hidden = count === 0;
    badge.textContent = (count === 1 ? this.texts.one_waiting : this.texts.many_waiting).replace("{count}", count.toLocaleString());
  }

  offline(isOff) {
    this.part("offline").hidden = !isOff;
  }

  signedOut() {
    this.trouble(this.texts.signed_out);
  }

  trouble(text) {
    const notice = this.part("trouble");
    notice.textContent = text;
    notice.hidden = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (notice.hidden = true), 10000);
  }
}
