/* $(element).scrollsync({targetSelector, axis}): what is scrolled here is scrolled there too, as far. */
(function ($) {
  'use strict';

  var DEFAULTS = { targetSelector: ':first', axis: 'xy' };

  /** @this {JQuery} @param {Partial<typeof DEFAULTS>} [options] */
  $.fn.scrollsync = function (options) {
    var settings = $.extend({}, DEFAULTS, options);
    var wanted = $(settings.targetSelector);
    return this.each(function () {
      var own = $(this);
      own.on('scroll.scrollsync', function () {
        wanted.not(own).each(function () {
          if (settings.axis.indexOf('x') >= 0) { this.scrollLeft = own.scrollLeft() || 0; }
          if (settings.axis.indexOf('y') >= 0) { this.scrollTop = own.scrollTop() || 0; }
        });
      });
    });
  };
}(jQuery));
