// Passkeys: the browser is asked to make or to use one, and its answer goes into the form beside the button, which is sent
// as any other form. The server's options and the answer are JSON with bytes in base64url.

/** @param {string} encoded */
function bytes(encoded) {
  const plain = atob(encoded.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (one) => one.charCodeAt(0));
}

/** @param {ArrayBuffer | null | undefined} buffer */
function text(buffer) {
  if (!buffer) return null;
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** @typedef {{ id: string, type: "public-key" }} Descriptor */

/** @param {any} options */
function toCreate(options) {
  return {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: options.excludeCredentials.map((/** @type {Descriptor} */ one) => ({ ...one, id: bytes(one.id) })),
  };
}

/** @param {any} options */
function toGet(options) {
  return { ...options, challenge: bytes(options.challenge), allowCredentials: [] };
}

/** @param {any} credential what `navigator.credentials` has given */
function told(credential) {
  const { response } = credential;
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? null,
    clientExtensionResults: {},
    response: {
      clientDataJSON: text(response.clientDataJSON),
      attestationObject: text(response.attestationObject) ?? undefined,
      authenticatorData: text(response.authenticatorData) ?? undefined,
      signature: text(response.signature) ?? undefined,
      userHandle: text(response.userHandle) ?? undefined,
      transports: response.getTransports?.(),
    },
  });
}

/** @param {string} address @param {string} token */
async function asked(address, token) {
  const headers = { "X-CSRFToken": token, "Content-Type": "application/json" };
  const answer = await fetch(address, { method: "POST", headers, body: "{}" });
  const body = await answer.json();
  if (body.next) location.assign(body.next);
  else if (!body.options) throw new Error(body.description ?? answer.statusText);
  return body.options;
}

/** @param {string} kind @param {any} options */
function use(kind, options) {
  return kind === "create"
    ? navigator.credentials.create({ publicKey: toCreate(options) })
    : navigator.credentials.get({ publicKey: toGet(options) });
}

/** @param {HTMLElement} part @param {HTMLButtonElement} button */
async function press(part, button) {
  const form = /** @type {HTMLFormElement} */ (button.form);
  const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("credential"));
  const token = /** @type {HTMLInputElement} */ (form.elements.namedItem("csrf_token"));
  const options = await asked(part.dataset.options ?? "", token.value);
  if (!options) return;
  const credential = await use(part.dataset.passkey ?? "", options);
  if (!credential) return;
  field.value = told(credential);
  form.requestSubmit();
}

/** @param {HTMLElement} part */
export function mount(part) {
  /** @type {HTMLButtonElement | null} */
  const button = part.querySelector("form button");
  /** @type {HTMLElement | null} */
  const said = part.querySelector("[data-passkey-told]");
  if (!button?.form || !said) return;
  // Until now it could have been sent with nothing in it.
  part.inert = false;
  /** @param {string} words */
  const say = (words) => {
    said.textContent = words;
    said.hidden = !words;
  };
  if (!("PublicKeyCredential" in window)) {
    button.disabled = true;
    say(part.dataset.unable ?? "");
    return;
  }
  let busy = false;
  /** @param {Event} event */
  const begin = async (event) => {
    const field = /** @type {HTMLInputElement} */ (button.form?.elements.namedItem("credential"));
    // Filled in: it is on its way. A form that lacks something else is sent as it is, to be told so.
    if (field.value || !isNamed(button.form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (busy) return;
    busy = true;
    say("");
    try {
      await press(part, button);
    } catch (error) {
      say(part.dataset.failed ?? String(error));
    } finally {
      busy = false;
    }
  };
  if (button.type === "submit") part.addEventListener("submit", begin, { capture: true });
  else button.addEventListener("click", begin);
}

/** @param {HTMLFormElement | null} form */
function isNamed(form) {
  const name = /** @type {HTMLInputElement | null | undefined} */ (form?.elements.namedItem("name"));
  return !name || name.value.trim() !== "";
}
