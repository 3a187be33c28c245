// The presenter's editor: highlighting beside a live preview that runs on a real task, in the same sandbox as for volunteers.

import { css } from "@codemirror/lang-css";
import { html } from "@codemirror/lang-html";
import { javascript } from "@codemirror/lang-javascript";
import { EditorView, basicSetup } from "codemirror";

const PAUSE = 600;

function editorOf(area, changed) {
  const view = new EditorView({
    doc: area.value,
    extensions: [
      basicSetup,
      html(),
      javascript(),
      css(),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": area.labels[0]?.textContent ?? "" }),
      EditorView.updateListener.of((update) => {
        if (!update.docChanged) return;
        area.value = update.state.doc.toString();
        changed();
      }),
    ],
  });
  area.hidden = true;
  area.after(view.dom);
  return view;
}

export function mount(part) {
  const area = part.querySelector("textarea");
  const frame = part.querySelector("iframe");
  let timer = 0;
  const preview = () => {
    frame?.contentWindow?.postMessage({ workbee: part.dataset.channel, preview: area.value }, "*");
  };
  editorOf(area, () => {
    clearTimeout(timer);
    timer = setTimeout(() => frame && (frame.src = frame.dataset.src), PAUSE);
  });
  addEventListener("message", async (event) => {
    const message = event.data;
    if (!frame || event.source !== frame.contentWindow || message?.workbee !== part.dataset.channel) return;
    if (message.method === "ready") return preview();
    const reply = (rest) => message.id && frame.contentWindow.postMessage({ workbee: part.dataset.channel, id: message.id, ...rest }, "*");
    reply({ ok: true, result: await answer(message, part) });
  });
  if (frame) frame.src = frame.dataset.src;
}

// Nothing that is answered in a preview is kept: it is there to be tried.
async function answer({ method, args }, part) {
  const taskId = Number(part.dataset.task);
  const fetched = async () => (taskId ? (await fetch(`/api/task/${taskId}`)).json() : {});
  if (method === "project") return { id: Number(part.dataset.project), short_name: part.dataset.shortName, description: "" };
  if (method === "draw") return args.offset ? {} : fetched();
  if (method === "task") return fetched();
  if (method === "progress") return { done: 0, total: 1 };
  if (method === "save") return { id: null, task_id: taskId, info: args.info };
  return null;
}
