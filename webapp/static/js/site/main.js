// Every page of ours: HTMX on top of plain links and forms, menus, dialogs, theme, language.

import htmx from "htmx.org";
import { closeOnRequest, openDialogs } from "./dialogs.js";
import { rememberLanguage, switchTheme } from "./choices.js";
import { afterSwap, keepWholePages } from "./navigation.js";

window.htmx = htmx;
document.documentElement.dataset.scripted = "";

switchTheme();
rememberLanguage();
openDialogs();
closeOnRequest();
keepWholePages();
afterSwap();

// A part of a page with a script of its own names it; it is loaded when such a part is shown.
htmx.onLoad((root) => {
  const parts = [...(root.querySelectorAll?.("[data-module]") ?? [])];
  if (root.matches?.("[data-module]")) parts.push(root);
  for (const part of parts) {
    if (part.dataset.mounted) continue;
    part.dataset.mounted = "yes";
    import(part.dataset.module).then((module) => module.mount(part));
  }
});
