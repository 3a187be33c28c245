// A text area becomes a code editor: what is typed goes into the area at once, so that the form sends it as ever.

import { css } from "@codemirror/lang-css";
import { html } from "@codemirror/lang-html";
import { javascript } from "@codemirror/lang-javascript";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { tags } from "@lezer/highlight";
import { EditorView, basicSetup } from "codemirror";

// Colours by role, from the tokens, so that both themes have them.
const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.tagName, tags.operatorKeyword], color: "var(--code-keyword)" },
  { tag: [tags.attributeName, tags.propertyName, tags.className], color: "var(--code-name)" },
  { tag: [tags.string, tags.attributeValue, tags.regexp], color: "var(--code-text)" },
  { tag: [tags.number, tags.bool, tags.null, tags.color, tags.unit], color: "var(--code-value)" },
  { tag: [tags.comment, tags.docComment, tags.processingInstruction], color: "var(--ink-soft)", fontStyle: "italic" },
  { tag: tags.invalid, color: "var(--danger)" },
]);

const look = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--surface)" },
  "&.cm-focused": { outline: "var(--ring) solid var(--accent)", outlineOffset: "calc(-1 * var(--hair))" },
  ".cm-scroller": { fontFamily: "var(--font-code)", fontSize: "var(--step--1)", lineHeight: "var(--leading-text)" },
  ".cm-content": { caretColor: "var(--accent)" },
  ".cm-cursor": { borderInlineStartColor: "var(--accent)", borderInlineStartWidth: "var(--rule)" },
  ".cm-gutters": { backgroundColor: "var(--sunken)", color: "var(--ink-soft)", borderColor: "var(--line)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--code-line)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--code-selection)",
  },
  ".cm-selectionMatch, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--code-selection)" },
  ".cm-tooltip, .cm-panels": { backgroundColor: "var(--raised)", color: "var(--ink)", borderColor: "var(--line)" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
});

// The editor writes its own style element: our policy lets it, if it carries the page's nonce.
const nonce = () => document.querySelector(/** @type {"script"} */ ("script[nonce]"))?.nonce ?? "";

/** @param {HTMLTextAreaElement} area @param {() => void} changed */
export function codeEditor(area, changed) {
  const view = new EditorView({
    doc: area.value,
    extensions: [
      EditorView.cspNonce.of(nonce()),
      basicSetup,
      html(),
      javascript(),
      css(),
      look,
      syntaxHighlighting(colours),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": area.labels[0]?.textContent?.trim() ?? "", tabindex: "0" }),
      EditorView.updateListener.of((update) => {
        if (!update.docChanged) return;
        area.value = update.state.doc.toString();
        area.dispatchEvent(new Event("input", { bubbles: true }));
        changed();
      }),
    ],
  });
  area.hidden = true;
  area.after(view.dom);
  showUnsaved(view, area);
  return view;
}

/**
 * A draft that has come back is shown where it begins to differ from what is saved.
 * @param {EditorView} view @param {HTMLTextAreaElement} area
 */
function showUnsaved(view, { value, defaultValue }) {
  if (value === defaultValue) return;
  const place = value.split("").findIndex((unit, index) => unit !== defaultValue[index]);
  const anchor = Math.min(Math.max(place, 0), view.state.doc.length);
  view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
}
