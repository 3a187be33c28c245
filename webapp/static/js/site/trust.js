// What may become a part of this page: answers of our own server that say what they are. A body proves nothing, for a
// stranger may have written it; the header that our pages carry does.

const MARK = "X-Workbee-Page";
/** @param {string} address */
const here = (address) => new URL(address, location.href).origin === location.origin;

/**
 * "page": its main part can be taken up here; "alone": it is a document of its own; "part": a block. Null: not ours.
 * @param {XMLHttpRequest} xhr
 */
export function markOf(xhr) {
  return here(xhr.responseURL) ? xhr.getResponseHeader(MARK) : null;
}

/** @param {Response} response */
export function markOfFetched(response) {
  return here(response.url) ? response.headers.get(MARK) : null;
}

/** @type {string | null} */
let accepted = null;
/** HTMX parses whole pages as they are, and parts within this (makeFragment). @param {string} text */
const wrapped = (text) => `<body><template class="internal-htmx-wrapper">${text}</template></body>`;

/**
 * The text of an answer of ours is about to be parsed. Nothing else ever is: see the policy below.
 * @param {string} text
 */
export function accept(text) {
  accepted = text;
}

// Where browsers know Trusted Types, our policy (webapp/http/security/headers.py) lets no other text become HTML, and none a script.
export function trustNothingElse() {
  window.trustedTypes?.createPolicy("default", {
    createHTML(text) {
      if (accepted !== null && (text === accepted || text === wrapped(accepted))) return text;
      throw new TypeError("This text did not come as a page of this site.");
    },
  });
}
