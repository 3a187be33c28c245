// Whether single keys answer: some people speak to their computer, or press keys by accident (WCAG 2.1.4). Asked for where a
// presenter has such keys, and remembered in this browser.

const MEMORY = "workbee-single-keys";
const OFF = "off";

export class Keys {
  /**
   * `tell` hands on whether they are on.
   * @param {HTMLButtonElement | null} button @param {(isOn: boolean) => void} tell
   */
  constructor(button, tell) {
    this.button = button;
    this.tell = tell;
    this.isOn = localStorage.getItem(MEMORY) !== OFF;
    button?.addEventListener("click", () => this.turn(!this.isOn));
  }

  // The presenter has single keys.
  declare() {
    if (this.button) this.button.hidden = false;
    this.turn(this.isOn);
  }

  /** @param {boolean} isOn */
  turn(isOn) {
    this.isOn = isOn;
    if (isOn) localStorage.removeItem(MEMORY);
    else localStorage.setItem(MEMORY, OFF);
    this.button?.setAttribute("aria-pressed", String(isOn));
    this.tell(isOn);
  }
}
