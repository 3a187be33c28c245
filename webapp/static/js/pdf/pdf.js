/* PDFJS: the functions of PDF.js 0.8, by which presenters of PYBOSSA's time show a page of a document, over the PDF.js that is installed
 * here. Its library is a module and is loaded with the first document.
 *
 *   PDFJS.getDocument(address or {url|data}).then(pdf => pdf.getPage(n)).then(page => page.render({canvasContext, viewport}))
 */
(function (window, document) {
  'use strict';

  /** @typedef {typeof import('pdfjs-dist')} Library */
  /** @typedef {import('pdfjs-dist').PDFDocumentProxy} DocumentProxy */
  /** @typedef {import('pdfjs-dist').PDFPageProxy} PageProxy */

  var LIBRARY = new URL('../../vendor/pdfjs/', /** @type {HTMLScriptElement} */ (document.currentScript).src).href;
  /** @type {Promise<Library> | null} */
  var loading = null;

  /**
   * It works in a thread of its own, which a document with an opaque origin can start only from a text that fetches the rest.
   * @returns {Promise<Worker>}
   */
  function thread() {
    var text = 'import(' + JSON.stringify(LIBRARY + 'pdf.worker.min.mjs') + ');';
    var worker = new Worker(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })));
    return new Promise(function (isReady) {
      worker.addEventListener('message', function () { isReady(worker); }, { once: true });
    });
  }

  /** @returns {Promise<Library>} */
  function library() {
    loading = loading || Promise.all([import(LIBRARY + 'pdf.min.mjs'), thread()]).then(function (parts) {
      parts[0].GlobalWorkerOptions.workerPort = parts[1];
      return parts[0];
    });
    return loading;
  }

  /**
   * What it gives now, with what it gave then as well: a promise that is the thing itself.
   * @template {object} Thing, Outcome
   * @param {Thing} thing
   * @param {Promise<Outcome>} promise
   */
  function both(thing, promise) {
    // oxlint-disable-next-line unicorn/no-thenable -- as PDF.js was then
    return Object.assign(thing, { then: promise.then.bind(promise), promise: promise });
  }

  /** @typedef {{ scale?: number, rotation?: number }} Viewport */

  /** @param {number | Viewport | null} [scale] @param {number} [rotation] @returns {Viewport} */
  function oldViewport(scale, rotation) {
    // Then by place, now by name.
    return typeof scale === 'object' && scale !== null ? scale : { scale: scale === undefined ? 1 : Number(scale), rotation: rotation };
  }

  /** @param {Viewport} options @returns {any} */
  function given(options) {
    // Undefined is not "as the page has it".
    return Object.fromEntries(Object.entries(options).filter(function (option) { return option[1] !== undefined; }));
  }

  /** @param {PageProxy} page */
  function pageOf(page) {
    return {
      page: page,
      pageNumber: page.pageNumber,
      pageInfo: { pageIndex: page.pageNumber - 1, rotate: page.rotate, view: page.view },
      rotate: page.rotate,
      view: page.view,
      /** @param {number | Viewport | null} [scale] @param {number} [rotation] */
      getViewport: function (scale, rotation) { return page.getViewport(given(oldViewport(scale, rotation))); },
      /** @param {{ canvasContext: CanvasRenderingContext2D, viewport: any, continueCallback?: () => void }} options */
      render: function (options) {
        var task = page.render({ canvas: options.canvasContext.canvas, canvasContext: options.canvasContext, viewport: options.viewport });
        if (options.continueCallback) { task.onContinue = options.continueCallback; }
        return both({ cancel: function () { task.cancel(); } }, task.promise);
      },
      getTextContent: function () {
        return page.getTextContent().then(function (content) {
          return { items: content.items, styles: content.styles, bidiTexts: content.items };
        });
      },
      getAnnotations: function () { return page.getAnnotations(); },
      destroy: function () { page.cleanup(); }
    };
  }

  /** @param {DocumentProxy} pages */
  function documentOf(pages) {
    return {
      pages: pages,
      numPages: pages.numPages,
      pdfInfo: { numPages: pages.numPages, fingerprint: pages.fingerprints[0] },
      fingerprint: pages.fingerprints[0],
      /** @param {number | string} number */
      getPage: function (number) { return pages.getPage(Number(number)).then(pageOf); },
      getMetadata: function () { return pages.getMetadata(); },
      getOutline: function () { return pages.getOutline(); },
      getData: function () { return pages.getData(); },
      destroy: function () { return pages.destroy(); }
    };
  }

  /** @typedef {string | URL | ArrayBuffer | ArrayBufferView | { url?: string | URL }} Source */

  /** @param {Source} from @returns {object} */
  function source(from) {
    if (typeof from === 'string' || from instanceof URL) { return { url: new URL(from, document.baseURI).href }; }
    if (from instanceof ArrayBuffer || ArrayBuffer.isView(from)) { return { data: from }; }
    return Object.assign({}, from, from.url ? { url: new URL(from.url, document.baseURI).href } : {});
  }

  window.PDFJS = {
    version: '0.8',
    build: 'workbee',
    workerSrc: null,
    disableWorker: false,
    /**
     * @param {Source} from
     * @param {unknown} _range
     * @param {unknown} _password
     * @param {(progress: { loaded: number, total: number }) => void} [onProgress]
     */
    getDocument: function (from, _range, _password, onProgress) {
      var opened = library().then(function (pdfjs) {
        var task = pdfjs.getDocument(Object.assign(source(from), { isEvalSupported: false }));
        if (onProgress) { task.onProgress = onProgress; }
        return task.promise;
      }).then(documentOf);
      return both({}, opened);
    }
  };
}(window, document));
