/* Camera, microphone, position and full screen, inside a presenter's frame: the page around asks the volunteer for this project, and
 * then loads the frame anew, for a frame has what it may use from its load on. Where the answer is no, each call fails as in a browser
 * that has been told so.
 */
(function () {
  'use strict';

  if (!window.workbeeBridge) { return; }
  var bridge = window.workbeeBridge;
  var lent = bridge.devices || [];
  var DENIED = /** @type {const} */ (1);

  /**
   * Rejects unless all of these are lent; where they are from now on, the promise is not kept: the frame is on its way to be loaded anew.
   * @param {string[]} names
   * @returns {Promise<void>}
   */
  function lend(names) {
    var missing = names.filter(function (name) { return lent.indexOf(name) < 0; });
    if (!missing.length) { return Promise.resolve(); }
    return bridge.call('devices', { names: missing }).then(function (granted) {
      return granted ? new Promise(function () {}) : Promise.reject(new DOMException('The volunteer has not allowed it.', 'NotAllowedError'));
    });
  }

  /** @returns {GeolocationPositionError} */
  function positionError() {
    return { code: DENIED, message: 'The volunteer has not allowed it.', PERMISSION_DENIED: DENIED, POSITION_UNAVAILABLE: 2, TIMEOUT: 3 };
  }

  /** @param {Geolocation} geolocation */
  function guardPosition(geolocation) {
    /** @type {('getCurrentPosition' | 'watchPosition')[]} */ (['getCurrentPosition', 'watchPosition']).forEach(function (name) {
      var original = /** @type {Geolocation['watchPosition']} */ (geolocation[name].bind(geolocation));
      geolocation[name] = function (success, failure, options) {
        if (lent.indexOf('geolocation') >= 0) { return original(success, failure, options); }
        lend(['geolocation']).catch(function () { if (typeof failure === 'function') { failure(positionError()); } });
        return 0;
      };
    });
  }

  /** @param {MediaDevices} devices */
  function guardMedia(devices) {
    var original = devices.getUserMedia.bind(devices);
    devices.getUserMedia = function (constraints) {
      var names = [];
      if (constraints && constraints.video) { names.push('camera'); }
      if (constraints && constraints.audio) { names.push('microphone'); }
      return lend(names).then(function () { return original(constraints); });
    };
  }

  /** @param {Element & Record<string, any>} prototype */
  function guardFullscreen(prototype) {
    ['requestFullscreen', 'webkitRequestFullscreen'].forEach(function (name) {
      var original = prototype[name];
      if (!original) { return; }
      /** @this {Element} @param {FullscreenOptions} [options] */
      prototype[name] = function (options) {
        if (lent.indexOf('fullscreen') >= 0) { return original.call(this, options); }
        return lend(['fullscreen']);
      };
    });
  }

  if (navigator.geolocation) { guardPosition(navigator.geolocation); }
  if (navigator.mediaDevices) { guardMedia(navigator.mediaDevices); }
  guardFullscreen(Element.prototype);
}());
