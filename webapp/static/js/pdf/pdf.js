/* PDFJS: the functions of PDF.js 0.8, by which presenters of PYBOSSA's time show a page of a document, over the PDF.js that is installed
 * here. Its library is a module and is loaded with the first document.
 *
 *   PDFJS.getDocument(address or {url|data}).then(pdf => pdf.getPage(n)).then(page => page.render({canvasContext, viewport}))
 */
(function (window, document) {
  'use strict';

  var LIBRARY = new URL('../../vendor/pdfjs/', document.currentScript.src).href;
  var loading = null;

  /* It works in a thread of its own, which a document with an opaque origin can start only from a text that fetches the rest. */
  function thread() {
    var text = 'import(' + JSON.stringify(LIBRARY + 'pdf.worker.min.mjs') + ');';
    var worker = new Worker(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })));
    return new Promise(function (isReady) {
      worker.addEventListener('message', function () { isReady(worker); }, { once: true });
    });
  }

  function library() {
    loading = loading || Promise.all([import(LIBRARY + 'pdf.min.mjs'), thread()]).then(function (parts) {
      parts[0].GlobalWorkerOptions.workerPort = parts[1];
      return parts[0];
    });
    return loading;
  }

  /* What it gives now, with what it gave then as well: a promise that is the thing itself. */
  function both(thing, promise) {
    thing.then = function (done, failed, progress) { return promise.then(done, failed, progress); };
    thing.promise = promise;
    return thing;
  }

  function oldViewport(scale, rotation) {
    // Then by place, now by name.
    return typeof scale === 'object' && scale !== null ? scale : { scale: scale === undefined ? 1 : scale, rotation: rotation };
  }

  function given(options) {
    // Undefined is not "as the page has it".
    return Object.keys(options).reduce(function (kept, name) {
      if (options[name] !== undefined) { kept[name] = options[name]; }
      return kept;
    }, {});
  }

  function Page(page) {
    this.page = page;
    this.pageNumber = page.pageNumber;
    this.pageInfo = { pageIndex: page.pageNumber - 1, rotate: page.rotate, view: page.view };
    this.rotate = page.rotate;
    this.view = page.view;
  }
  Page.prototype = {
    getViewport: function (scale, rotation) { return this.page.getViewport(given(oldViewport(scale, rotation))); },
    render: function (options) {
      var task = this.page.render({ canvas: options.canvasContext.canvas, canvasContext: options.canvasContext, viewport: options.viewport });
      var rendering = both({ cancel: function () { task.cancel(); } }, task.promise);
      if (options.continueCallback) { task.onContinue = options.continueCallback; }
      return rendering;
    },
    getTextContent: function () {
      return this.page.getTextContent().then(function (content) {
        return { items: content.items, styles: content.styles, bidiTexts: content.items };
      });
    },
    getAnnotations: function () { return this.page.getAnnotations(); },
    destroy: function () { this.page.cleanup(); }
  };

  function Pages(pages) {
    this.pages = pages;
    this.numPages = pages.numPages;
    this.pdfInfo = { numPages: pages.numPages, fingerprint: pages.fingerprints[0] };
    this.fingerprint = pages.fingerprints[0];
  }
  Pages.prototype = {
    getPage: function (number) { return this.pages.getPage(Number(number)).then(function (page) { return new Page(page); }); },
    getMetadata: function () { return this.pages.getMetadata(); },
    getOutline: function () { return this.pages.getOutline(); },
    getData: function () { return this.pages.getData(); },
    destroy: function () { return this.pages.destroy(); }
  };

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
    getDocument: function (from, _range, _password, onProgress) {
      var opened = library().then(function (pdfjs) {
        var task = pdfjs.getDocument(Object.assign(source(from), { isEvalSupported: false }));
        if (onProgress) { task.onProgress = onProgress; }
        return task.promise;
      }).then(function (pages) { return new Pages(pages); });
      return both({}, opened);
    }
  };
}(window, document));
