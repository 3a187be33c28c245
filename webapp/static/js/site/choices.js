// What people choose for this browser: theme and language, kept in cookies that the server reads.

const YEAR = 365 * 24 * 3600;

function remember(name, value) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `${name}=${value}; path=/; max-age=${value ? YEAR : 0}; samesite=lax${secure}`;
}

function show(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
  }
}

export function switchTheme() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-theme-choice]");
    if (!button) return;
    remember("theme", button.dataset.themeChoice);
    show(button.dataset.themeChoice);
  });
}

export function rememberLanguage() {
  document.addEventListener("change", (event) => {
    if (!event.target.matches?.("[data-language]")) return;
    remember("language", event.target.value);
    location.reload();
  });
}
