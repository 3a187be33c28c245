/* Camera, microphone, position and full screen, inside a presenter's frame: the page around asks the volunteer for this project, and
 * then loads the frame anew, for a frame has what it may use from its load on. Where the answer is no, each call fails as in a browser
 * that has been told so.
 */
(function () {
  'use strict';

  var bridge = window.workbeeBridge;
  if (!bridge) { return; }
  var lent = bridge.devices || [];
  var DENIED = 1;

  /* Rejects unless all of these are lent; asked for in vain, the promise is not kept: the frame is on its way to be loaded anew. */
  function lend(names) {
    var missing = names.filter(function (name) { return lent.indexOf(name) < 0; });
    if (!missing.length) { return Promise.resolve(); }
    return bridge.call('devices', { names: missing }).then(function (granted) {
      return granted ? new Promise(function () {}) : Promise.reject(new DOMException('The volunteer has not allowed it.', 'NotAllowedError'));
    });
  }

  function positionError() {
    return { code: DENIED, message: 'The volunteer has not allowed it.', PERMISSION_DENIED: DENIED, POSITION_UNAVAILABLE: 2, TIMEOUT: 3 };
  }

  function guardPosition(geolocation) {
    ['getCurrentPosition', 'watchPosition'].forEach(function (name) {
      var original = geolocation[name].bind(geolocation);
      geolocation[name] = function (success, failure, options) {
        if (lent.indexOf('geolocation') >= 0) { return original(success, failure, options); }
        lend(['geolocation']).catch(function () { if (typeof failure === 'function') { failure(positionError()); } });
        return 0;
      };
    });
  }

  function guardMedia(devices) {
    var original = devices.getUserMedia.bind(devices);
    devices.getUserMedia = function (constraints) {
      var names = [];
      if (constraints && constraints.video) { names.push('camera'); }
      if (constraints && constraints.audio) { names.push('microphone'); }
      return lend(names).then(function () { return original(constraints); });
    };
  }

  function guardFullscreen(prototype) {
    ['requestFullscreen', 'webkitRequestFullscreen'].forEach(function (name) {
      var original = prototype[name];
      if (!original) { return; }
      prototype[name] = function (options) {
        if (lent.indexOf('fullscreen') >= 0) { return original.call(this, options); }
        return lend(['fullscreen']);
      };
    });
  }

  if (navigator.geolocation) { guardPosition(navigator.geolocation); }
  if (navigator.mediaDevices && navigator.mediaDevices.getUserMedia) { guardMedia(navigator.mediaDevices); }
  guardFullscreen(Element.prototype);
}());
