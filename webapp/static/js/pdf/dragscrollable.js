/* $(element).dragscrollable({dragSelector, acceptPropagatedEvent, preventDefault}): what is larger than its box is moved in it by dragging. */
(function ($) {
  'use strict';

  var DEFAULTS = { dragSelector: '>:first', acceptPropagatedEvent: true, preventDefault: true };

  /** @param {JQuery.TriggeredEvent} event */
  function placeOf(event) { return { x: event.clientX || 0, y: event.clientY || 0 }; }

  /** @this {JQuery} @param {Partial<typeof DEFAULTS>} [options] */
  $.fn.dragscrollable = function (options) {
    var settings = $.extend({}, DEFAULTS, options);
    return this.each(function () {
      var box = $(this);

      /** @this {HTMLElement} @param {JQuery.TriggeredEvent} event */
      function begin(event) {
        if (event.which !== 1 || (!settings.acceptPropagatedEvent && event.target !== this)) { return; }
        var last = placeOf(event);

        /** @param {JQuery.TriggeredEvent} moved */
        function move(moved) {
          var next = placeOf(moved);
          box.scrollLeft((box.scrollLeft() || 0) - (next.x - last.x));
          box.scrollTop((box.scrollTop() || 0) - (next.y - last.y));
          last = next;
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
