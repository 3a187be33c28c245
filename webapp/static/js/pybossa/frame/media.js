// Pictures, sound and film of the site, in a document with an opaque origin: they are asked for by CORS, which the site allows,
// so that a presenter may draw them on a canvas and look at their sound, as it may on a page of the site.

const MEDIA = "img, audio, video, source";
const CLASSES = [HTMLImageElement, HTMLMediaElement, HTMLSourceElement];

/** @param {(address: string) => boolean} isFileOfOurs */
export function installMedia(isFileOfOurs) {
  /**
   * The element whose `crossorigin` says how this one is loaded.
   * @param {Element} element @returns {HTMLImageElement | HTMLMediaElement | null}
   */
  const loader = (element) => (element instanceof HTMLSourceElement ? element.closest("audio, video") : /** @type {HTMLMediaElement} */ (element));

  /** @param {Element} element @param {unknown} address */
  function share(element, address) {
    const owner = loader(element);
    if (!owner || owner.hasAttribute("crossorigin") || !isFileOfOurs(String(address))) return;
    owner.crossOrigin = "anonymous";
    // What has begun to load without it does not begin anew by itself.
    if (owner instanceof HTMLMediaElement && owner.networkState !== HTMLMediaElement.NETWORK_EMPTY) owner.load();
  }

  for (const { prototype } of CLASSES) {
    const src = Object.getOwnPropertyDescriptor(prototype, "src");
    Object.defineProperty(prototype, "src", {
      ...src,
      set(value) {
        share(this, value);
        src?.set?.call(this, value);
      },
    });
  }
  const { setAttribute } = Element.prototype;
  Element.prototype.setAttribute = function (name, value) {
    if (String(name).toLowerCase() === "src" && this.matches(MEDIA)) share(this, value);
    setAttribute.call(this, name, value);
  };
  // Those that the parser makes.
  new MutationObserver((records) => {
    for (const node of records.flatMap((record) => [...record.addedNodes])) {
      if (!(node instanceof Element)) continue;
      for (const element of [node, ...node.querySelectorAll(MEDIA)]) {
        if (element.matches(MEDIA) && element.hasAttribute("src")) share(element, element.getAttribute("src"));
      }
    }
  }).observe(document, { childList: true, subtree: true });
}
