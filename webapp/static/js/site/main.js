// Every page of ours: HTMX on top of plain links and forms, menus, dialogs, theme, language.

import htmx from "htmx.org";
import { rememberLanguage, switchTheme } from "./choices.js";
import { closeMenus, openDialogs } from "./dialogs.js";
import { placeFocusAtStart } from "./focus.js";
import { keepDrafts } from "./drafts.js";
import { goBackAndForward } from "./history.js";
import { mountModules } from "./modules.js";
import { showWholePages } from "./pages.js";
import { guardRequests } from "./requests.js";
import { sendOnce } from "./submit.js";
import { trustNothingElse } from "./trust.js";

window.htmx = htmx;
document.documentElement.dataset.scripted = "";

trustNothingElse();
switchTheme();
rememberLanguage();
openDialogs();
closeMenus();
sendOnce();
keepDrafts();
guardRequests();
showWholePages();
goBackAndForward();
mountModules();
placeFocusAtStart();
