/* Presses and the keyboard inside a presenter's frame, where one task takes the place of another at once.
 *
 * Nobody has seen a task that was painted just now: a press that began before, or within 250 ms after, was meant for the one
 * before it, and no presenter hears of it. And the keyboard stays where it was, whatever the presenter does to its buttons.
 */
(function () {
  'use strict';

  var QUIET = 250;
  var LONGEST_SEARCH = 60;   // frames
  var NOT_ANSWERING = ['Tab', 'Shift', 'Control', 'Alt', 'Meta', 'CapsLock'];
  var EDITABLE = 'input:not([type=button], [type=submit], [type=reset], [type=checkbox], [type=radio], [type=image]), textarea, select, [contenteditable]';

  var shownAt = -1;
  var quietUntil = -1;
  var shown = 0;

  function now() { return performance.now(); }

  /* A task has taken the place of another: called as it is presented, before it is painted. */
  function settle() {
    var one = shown += 1;
    shownAt = now();
    quietUntil = Infinity;
    // A timer set while a frame is being made is due after that frame is painted.
    requestAnimationFrame(function () {
      setTimeout(function () { if (one === shown) { quietUntil = now() + QUIET; } }, 0);
    });
    if (document.hasFocus()) { keepFocus(LONGEST_SEARCH); }
  }

  /* ---- presses ---- */

  var pointer = { began: -1, isIgnored: false };
  /** @type {Record<string, { began: number, isIgnored: boolean }>} */
  var keys = {};

  /** @param {KeyboardEvent} event */
  function isTyping(event) {
    return event.key !== 'Enter' && !event.ctrlKey && !event.metaKey && event.target instanceof Element && event.target.matches(EDITABLE);
  }

  /** @param {Event} event */
  function isIgnored(event) {
    return event instanceof KeyboardEvent ? isIgnoredKey(event) : isIgnoredPress(/** @type {UIEvent} */ (event));
  }

  /** @param {UIEvent} event */
  function isIgnoredPress(event) {
    switch (event.type) {
      case 'pointerdown':
        pointer = { began: now(), isIgnored: now() < quietUntil };
        return pointer.isIgnored;
      case 'click':
        // By a key, or by an assistive technology: there was no pointer.
        if (event.detail === 0) { return now() < quietUntil; }
        return pointer.isIgnored || pointer.began < shownAt;
      default:
        return pointer.isIgnored;
    }
  }

  /** @param {KeyboardEvent} event */
  function isIgnoredKey(event) {
    var key = keys[event.code];
    if (event.type !== 'keydown') { return Boolean(key && key.isIgnored); }
    if (NOT_ANSWERING.indexOf(event.key) >= 0 || isTyping(event)) { delete keys[event.code]; return false; }
    if (!event.repeat || !key) { key = keys[event.code] = { began: now(), isIgnored: now() < quietUntil }; }
    return key.isIgnored || key.began < shownAt;
  }

  /** @param {Event} event */
  function listen(event) {
    // What a presenter does by itself is its own affair.
    if (!event.isTrusted || !isIgnored(event)) { return; }
    event.stopImmediatePropagation();
    if (event.type === 'click' || event.type === 'keydown') { event.preventDefault(); }
  }

  ['pointerdown', 'pointerup', 'mousedown', 'mouseup', 'touchstart', 'touchend', 'click', 'dblclick', 'keydown', 'keypress', 'keyup']
    .forEach(function (type) { window.addEventListener(type, listen, { capture: true, passive: type === 'touchstart' }); });

  /* ---- where the keyboard is ---- */

  /** @typedef {{ id: string | null, path: number[] }} Place */
  /** @type {{ element: HTMLElement, place: Place } | null} */
  var last = null;

  /**
   * The way to an element from the nearest one with an id: it finds the one that has been drawn in its place.
   * @param {HTMLElement} element
   * @returns {Place}
   */
  function placeOf(element) {
    /** @type {number[]} */
    var path = [];
    for (var node = element; node.parentElement; node = node.parentElement) {
      if (node.id) { return { id: node.id, path: path }; }
      path.unshift(Array.prototype.indexOf.call(node.parentElement.children, node));
    }
    return { id: null, path: path };
  }

  /** @param {Place} place */
  function at(place) {
    /** @type {Element | null} */
    var start = place.id ? document.getElementById(place.id) : document.documentElement;
    return place.path.reduce(function (node, index) { return node && node.children[index]; }, start);
  }

  /** @param {Element} element */
  function isDisabled(element) { return 'disabled' in element && Boolean(element.disabled); }

  function isLost() {
    var active = document.activeElement;
    return !active || active === document.body || isDisabled(active);
  }

  function giveBack() {
    var element = last && /** @type {HTMLElement | null} */ (last.element.isConnected ? last.element : at(last.place));
    if (element && !isDisabled(element)) { element.focus({ preventScroll: true }); }
  }

  /**
   * A button that a presenter has switched off loses the focus as that is painted, and cannot have it back before it is on again.
   * @param {number} frames
   */
  function keepFocus(frames) {
    if (last && isLost()) { giveBack(); }
    if (frames) { requestAnimationFrame(function () { keepFocus(frames - 1); }); }
  }

  document.addEventListener('focusin', function (event) {
    var element = /** @type {HTMLElement} */ (event.target);
    last = { element: element, place: placeOf(element) };
  });
  // A press elsewhere is a wish of its own.
  document.addEventListener('pointerdown', function (event) {
    if (!(event.target instanceof Element && event.target.closest(':focus'))) { last = null; }
  });
  // When the page around hands the keyboard over, it goes where it was.
  window.addEventListener('focus', function () { if (document.activeElement === document.body) { giveBack(); } });

  if (window.workbeeBridge) {
    window.workbeeBridge.settle = settle;
    window.workbeeBridge.isQuiet = function () { return now() < quietUntil; };
  }
}());
