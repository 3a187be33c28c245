// Listeners on the document, which hear of every element's events.

/**
 * The element that an event is about, or the nearest one around it, that fits.
 * @param {Event} event @param {string} selector @returns {HTMLElement | null}
 */
export const nearest = ({ target }, selector) => (target instanceof Element ? target.closest(selector) : null);

/**
 * HTMX's events say in `detail` what they are about.
 * @param {string} name @param {(event: CustomEvent) => void} listener @param {AddEventListenerOptions} [options]
 */
export function onHtmx(name, listener, options) {
  document.addEventListener(`htmx:${name}`, /** @type {EventListener} */ (listener), options);
}
