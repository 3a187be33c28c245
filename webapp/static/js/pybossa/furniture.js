// What PYBOSSA's page has around a presenter beside jQuery and Bootstrap: loaded after them, and before the presenter.

import "../pybossa-player/dist/pybossa-player.min.js";

// Bootstrap 3.3.6 shows what stands in a tooltip or popover; 3.4 takes buttons, fields and styles out of it. It is the presenter's own
// text, in the presenter's own frame.
for (const plugin of [jQuery.fn.tooltip, jQuery.fn.popover]) {
  plugin.Constructor.DEFAULTS.sanitize = false;
}
