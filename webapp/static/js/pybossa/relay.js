/* In a presenter's frame, in place of a page of the site that the frame was led to: the page around is asked to go there itself.
 * It knows this frame by the channel in the frame's name, which stays when the frame is led on.
 */
(function () {
  'use strict';

  var asked = /** @type {HTMLScriptElement} */ (document.currentScript).dataset;
  var passed;
  try { passed = JSON.parse(window.name) || {}; } catch { passed = {}; }
  if (window.parent === window || !passed.channel) { return; }
  window.parent.postMessage({ workbee: passed.channel, method: asked.method, args: JSON.stringify({ href: asked.address }) }, '*');
}());
