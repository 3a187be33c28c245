/* $(element).dragscrollable({dragSelector, acceptPropagatedEvent, preventDefault}): what is larger than its box is moved in it by dragging. */
(function ($) {
  'use strict';

  var DEFAULTS = { dragSelector: '>:first', acceptPropagatedEvent: true, preventDefault: true };

  $.fn.dragscrollable = function (options) {
    var settings = $.extend({}, DEFAULTS, options);
    return this.each(function () {
      var box = $(this);

      function begin(event) {
        if (event.which !== 1 || (!settings.acceptPropagatedEvent && event.target !== this)) { return; }
        var last = { x: event.clientX, y: event.clientY };

        function move(moved) {
          box.scrollLeft(box.scrollLeft() - (moved.clientX - last.x));
          box.scrollTop(box.scrollTop() - (moved.clientY - last.y));
          last = { x: moved.clientX, y: moved.clientY };
          if (settings.preventDefault) { moved.preventDefault(); }
        }

        $(document).on('mousemove.dragscrollable', move).one('mouseup.dragscrollable', function () {
          $(document).off('mousemove.dragscrollable', move);
        });
        if (settings.preventDefault) { event.preventDefault(); }
      }

      box.on('mousedown.dragscrollable', settings.dragSelector, begin);
    });
  };
}(jQuery));
