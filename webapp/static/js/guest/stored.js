// JSON objects that this browser keeps under a name.

/** The object kept under `name`: an empty one where there is none. @param {Storage} store @param {string} name */
export function readStored(store, name) {
  try {
    const kept = JSON.parse(store.getItem(name) ?? "{}");
    return kept && typeof kept === "object" ? kept : {};
  } catch {
    return {};
  }
}
