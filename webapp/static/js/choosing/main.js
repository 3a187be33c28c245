// Files in Dropbox, chosen in its own window: each becomes a field of the form, as the API's clients send them.

/** @param {HTMLElement} part */
export function mount(part) {
  const form = part.closest("form");
  const button = part.querySelector("button");
  const list = part.querySelector("ul");
  if (!form || !button || !list) return undefined;

  /** @param {{name: string, link: string}} file */
  function add(file) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = `files-${form?.querySelectorAll("[name^='files-']").length ?? 0}`;
    field.value = JSON.stringify({ name: file.name, link: file.link });
    const shown = document.createElement("li");
    shown.textContent = file.name;
    form?.append(field);
    list?.append(shown);
  }

  const choose = () =>
    window.Dropbox?.choose({ linkType: "preview", multiselect: true, success: (files) => files.forEach(add) });
  // Where its script does not come, links can be pasted all the same.
  const show = () => {
    part.hidden = !window.Dropbox;
  };
  show();
  const script = document.getElementById("dropboxjs");
  script?.addEventListener("load", show);
  button.addEventListener("click", choose);
  return () => {
    script?.removeEventListener("load", show);
    button.removeEventListener("click", choose);
  };
}
