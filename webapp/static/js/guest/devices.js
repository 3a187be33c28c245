// What a guest may be lent of the volunteer's devices. Browsers remember a permission for the whole site; this page asks
// for each project, and remembers it for each project.

const KEY = "workbee-devices";
// The names of the browser's features, and of the words for them in the page.
const DEVICES = ["camera", "microphone", "geolocation", "fullscreen"];

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

export function allowedDevices({ project_id }) {
  return (remembered()[project_id] ?? []).filter((name) => DEVICES.includes(name));
}

function remember(projectId, names) {
  localStorage.setItem(KEY, JSON.stringify({ ...remembered(), [projectId]: names }));
}

// Whether the volunteer lends this project the devices named, now or before. One question at a time, and none again on this page
// once it was answered with no.
let asking = null;
const refused = new Set();

export async function askForDevices(frame, names) {
  const allowed = allowedDevices(frame);
  const wanted = DEVICES.filter((name) => names?.includes?.(name) && !allowed.includes(name));
  if (!wanted.length) return false;
  if (asking || wanted.some((name) => refused.has(name))) return false;
  asking = ask(wanted);
  const granted = await asking;
  asking = null;
  if (granted) remember(frame.project_id, [...allowed, ...wanted]);
  else wanted.forEach((name) => refused.add(name));
  return granted;
}

function ask(wanted) {
  const dialog = document.getElementById("lend-devices");
  if (!dialog) return Promise.resolve(false);
  for (const item of dialog.querySelectorAll("[data-device]")) item.hidden = !wanted.includes(item.dataset.device);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "lend"), { once: true }));
}
