/* pybossa.js: what presenters load tasks and save answers with.
 *
 * The public functions, the order of events and the promises are those of PYBOSSA's library
 * (docs/contract/clients.md 1), so that presenters written for it run unchanged. Inside Workbee's frame the page around
 * it draws tasks and sends answers (window.workbeeBridge); anywhere else this talks to the API itself. A failed request
 * is tried again until it succeeds, or until the server has said no: a volunteer is never left with a page that has
 * stopped.
 */
(function (pybossa, $) {
  'use strict';

  /** @typedef {import('../guest/bridge.js').Task} Task */
  /** Nothing is left where it has no id. @typedef {Task | { id?: undefined }} Drawn */
  /** @typedef {{ id: number, description: string }} Project */
  /** @typedef {JQuery.Promise<any>} Promised */
  /** @typedef {JQuery.Deferred<any>} Deferred */
  /** @typedef {(task: Drawn, deferred: Deferred) => void} Handler */
  /**
   * Where tasks come from and answers go: the API, or the page around the frame.
   * @typedef {object} Source
   * @property {(shortname: string) => Promised} project
   * @property {(project: Project, offset: number, current?: Drawn) => Promised} draw
   * @property {(id: number | string) => Promised} task
   * @property {(shortname: string) => Promised} progress
   * @property {(task: Task, answer: unknown, options?: { undoable?: boolean }) => Promised} save
   * @property {(shortname: string, task: Drawn) => void} shown
   * @property {() => void} settle
   * @property {(task: Drawn) => boolean} isGone
   */

  var url = '/';
  const bridge = window.workbeeBridge && window.workbeeBridge.givesTasks ? window.workbeeBridge : null;
  var LONGEST_PAUSE = 30000;
  var UNNOTICED = 300;
  var NOTICE_TIME = 6000;

  /** @type {{ taskLoaded: Handler, presentTask: Handler }} */
  var handlers = {
    taskLoaded: function (task, deferred) { deferred.resolve(task); },
    presentTask: function (task, deferred) { deferred.resolve(task); }
  };

  /* ---- requests ---- */

  /** @param {JQuery.jqXHR} xhr */
  function isWorthAnotherTry(xhr) {
    return xhr.status === 0 || xhr.status === 429 || xhr.status >= 500;
  }

  /**
   * @param {number} attempt
   * @param {JQuery.jqXHR} xhr
   */
  function pauseBefore(attempt, xhr) {
    var asked = parseInt(xhr.getResponseHeader('Retry-After') || '', 10);
    var pause = Math.min(LONGEST_PAUSE, 1000 * Math.pow(2, attempt));
    return Math.max(pause, isNaN(asked) ? 0 : Math.min(asked * 1000, LONGEST_PAUSE)) * (0.8 + 0.4 * Math.random());
  }

  /**
   * @param {string} text
   * @param {'success' | 'warning' | 'error'} type
   */
  function tell(text, type) {
    const notify = window.pybossaNotify;
    if (typeof notify === 'function') {
      notify($('<i>').text(text).html(), true, type);
      if (type === 'success') { setTimeout(function () { notify('', false); }, NOTICE_TIME); }
    }
    $(document).trigger('pybossa:notice', [text, type]);
  }

  /**
   * One request, repeated while the line or the server is away. Rejected only by an answer that trying again cannot change.
   * @param {JQuery.AjaxSettings} options
   * @returns {Promised}
   */
  function request(options) {
    var deferred = $.Deferred();
    var troubled = false;
    /** @param {number} number */
    function attempt(number) {
      $.ajax(options).done(function (data) {
        if (troubled) { tell('The connection is back.', 'success'); }
        deferred.resolve(data);
      }).fail(function (xhr) {
        if (!isWorthAnotherTry(xhr)) {
          tell('The server refused: ' + refusal(xhr), 'error');
          deferred.reject(xhr);
          return;
        }
        if (!troubled) { tell('No connection: trying again. Nothing is lost.', 'warning'); }
        troubled = true;
        setTimeout(function () { attempt(number + 1); }, pauseBefore(number, xhr));
      });
    }
    attempt(0);
    return deferred.promise();
  }

  /** @param {JQuery.jqXHR} xhr */
  function refusal(xhr) {
    var body = xhr.responseJSON || {};
    return body.exception_msg || body.description || xhr.statusText || ('status ' + xhr.status);
  }

  /**
   * @param {string} path
   * @param {object} [data]
   * @param {boolean} [cached]
   */
  function get(path, data, cached) {
    return request({ url: url + path, data: data, cache: cached === true, dataType: 'json' });
  }

  function newKey() {
    var random = window.crypto && window.crypto.getRandomValues
      ? Array.prototype.join.call(window.crypto.getRandomValues(new Uint32Array(4)), '-')
      : String(Math.random()).slice(2);
    return Date.now().toString(36) + '-' + random;
  }

  /* ---- where tasks come from and answers go ---- */

  /** @param {Promise<unknown>} native */
  function promised(native) {
    var deferred = $.Deferred();
    native.then(deferred.resolve, deferred.reject);
    return deferred.promise();
  }

  /** @type {Source} */
  var direct = {
    project: function (shortname) {
      return get('api/project', { all: 1, short_name: shortname }, true).then(function (found) { return found[0]; });
    },
    draw: function (project, offset) {
      return get('api/project/' + project.id + '/newtask', { offset: offset });
    },
    task: function (id) { return get('api/task/' + id); },
    progress: function (shortname) { return get('api/project/' + encodeURIComponent(shortname) + '/userprogress'); },
    save: function (task, answer) {
      return request({
        type: 'POST',
        url: url + 'api/taskrun',
        dataType: 'json',
        contentType: 'application/json',
        // The same key each time this answer is sent: the server stores it once.
        headers: { 'Idempotency-Key': newKey() },
        data: JSON.stringify({ project_id: task.project_id, task_id: task.id, info: answer })
      });
    },
    shown: showAddress,
    settle: function () {},
    isGone: function () { return false; }
  };

  /**
   * @param {string} shortname
   * @param {Drawn} task
   */
  function showAddress(shortname, task) {
    window.history.pushState({}, 'Title', '/project/' + encodeURIComponent(shortname) + '/task/' + task.id);
  }

  /* Tasks that the page around has given, and what has come of their answers: neither is asked for twice. */
  /** @type {Record<number | string, Task>} */
  var given = {};
  /** @type {Record<number, Promised | undefined>} */
  var saved = {};

  /** @param {Drawn} task */
  function remember(task) {
    if (task && task.id) { given[task.id] = task; }
    return task;
  }

  /**
   * Resolved in a turn of its own, as by a server: what follows the call in the presenter comes first.
   * @param {Deferred} deferred
   * @param {unknown} value
   */
  function resolveSoon(deferred, value) {
    var channel = new MessageChannel();
    channel.port1.onmessage = function () { channel.port1.close(); deferred.resolve(value); };
    channel.port2.postMessage(null);
  }

  /**
   * @param {Task} task
   * @param {string} message
   */
  function refuse(task, message) {
    delete saved[task.id];
    tell('This answer cannot be saved. ' + message, 'error');
  }

  /** @type {Source | null} */
  var bridged = bridge && {
    project: function (shortname) { return promised(bridge.call('project', { short_name: shortname })); },
    draw: function (_project, offset, current) {
      return promised(bridge.call('draw', { offset: offset, current: (current && current.id) || null })).then(remember);
    },
    task: function (id) {
      return given[id] ? $.Deferred().resolve(given[id]).promise() : promised(bridge.call('task', { id: id })).then(remember);
    },
    progress: function (shortname) { return promised(bridge.call('progress', { short_name: shortname })); },
    /* What can cross to the page around is kept there, whatever the line does: so the volunteer goes on at once. A second press is
       the same answer. */
    save: function (task, answer, options) {
      var deferred = $.Deferred();
      var text;
      var before = saved[task.id];
      if (before) { return before; }
      try {
        text = bridge.encode({ task: { id: task.id, project_id: task.project_id }, info: answer, options: options || {} });
      } catch (error) {
        var message = /** @type {Error} */ (error).message;
        refuse(task, message);
        return deferred.reject(message).promise();
      }
      var kept = bridge.send('save', text);
      kept.catch(function (reason) { refuse(task, reason); });
      // Of a task that it has not given, the page around decides.
      if (!given[task.id]) { return promised(kept); }
      var promise = saved[task.id] = deferred.promise();
      resolveSoon(deferred, { id: null, project_id: given[task.id].project_id, task_id: given[task.id].id, info: answer, queued: true });
      return promise;
    },
    shown: function (shortname, task) {
      bridge.tell('shown', { id: task.id || null });
      if (task.id) { showAddress(shortname, task); }
    },
    settle: function () { bridge.settle?.(); },
    isGone: function (task) { return task.id !== undefined && bridge.gone === task.id && !saved[task.id]; }
  };

  var source = bridged || direct;

  /* ---- the loop ---- */

  /** @param {Drawn} task */
  function loaded(task) {
    var deferred = $.Deferred();
    handlers.taskLoaded(task, deferred);
    return deferred.promise();
  }

  /**
   * @param {Project} project
   * @param {Drawn} current
   */
  function preload(project, current) {
    return source.draw(project, 1, current).then(function (task) {
      // The answer to the current task may not be there yet, so that the draw counts it as open still: look one further.
      if (task.id === current.id && !bridged) { return source.draw(project, 2, current); }
      return task;
    }).then(loaded);
  }

  /**
   * A preload that reached the server after the answer that it was to run ahead of has passed over a task. So before the end
   * is presented the list is looked at from its beginning; the page around a guest does that by itself.
   * @param {Project} project
   * @param {Task} current
   */
  function lastLook(project, current) {
    if (bridged) { return $.Deferred().resolve({}).promise(); }
    return source.draw(project, 0).then(function (task) {
      return task.id === current.id ? source.draw(project, 1, current) : task;
    }).then(function (task) { return task.id ? loaded(task) : {}; });
  }

  /**
   * `settle`: the task takes the place of another.
   * @param {Project} project
   * @param {string} shortname
   * @param {Drawn} task
   * @param {boolean} settle
   */
  function present(project, shortname, task, settle) {
    var solved = $.Deferred();
    var next = preload(project, task);
    var presentedAt = Date.now();
    var isReplaced = false;
    if (task.id) { source.shown(shortname, task); } else if (bridged) { source.shown(shortname, {}); }
    if (settle && task.id) { source.settle(); }
    // Nobody has begun with a task whose slot turns out to have gone as it was shown; later, an answer to it is taken in any case.
    next.done(function (upcoming) {
      isReplaced = Boolean(upcoming && upcoming.id) && source.isGone(task) && Date.now() - presentedAt < UNNOTICED;
      if (isReplaced) { present(project, shortname, upcoming, true); }
    });
    handlers.presentTask(task, solved);
    const { id } = task;
    if (bridge && id) { solved.done(function () { bridge.tell('solved', { id: id }); }); }
    $.when(next, solved).done(function (upcoming) {
      if (isReplaced) { return; }
      if (upcoming && upcoming.id) { present(project, shortname, upcoming, true); return; }
      // The end is presented once, whether or not the presenter resolves it.
      if (task.id) { lastLook(project, task).done(function (found) { present(project, shortname, found, true); }); }
    });
  }

  /**
   * @param {Project} project
   * @param {string} path
   */
  function first(project, path) {
    var id = pybossa.getCurrentTaskId(path);
    return id ? source.task(id) : source.draw(project, 0);
  }

  /* ---- the public functions ---- */

  /**
   * @param {string} shortname
   * @param {{ location: { pathname: string } }} [_window]
   */
  pybossa.run = function (shortname, _window) {
    var path = (_window || window).location.pathname;
    source.project(shortname).done(function (project) {
      first(project, path).then(loaded).done(function (task) { present(project, shortname, task, false); });
    });
  };

  /** @param {Handler} handler */
  pybossa.taskLoaded = function (handler) { handlers.taskLoaded = handler; };

  /** @param {Handler} handler */
  pybossa.presentTask = function (handler) { handlers.presentTask = handler; };

  /**
   * @param {Task | number} task
   * @param {unknown} answer
   * @param {{ undoable?: boolean }} [options]
   */
  pybossa.saveTask = function (task, answer, options) {
    if (typeof task === 'number') {
      return source.task(task).then(function (found) {
        found.answer = answer;
        return source.save(found, answer, options);
      });
    }
    if (task && typeof task === 'object') { return source.save(task, answer, options); }
    return undefined;
  };

  /** @param {string} shortname */
  pybossa.newTask = function (shortname) {
    return source.project(shortname).then(function (project) {
      return source.draw(project, 0).then(function (task) { return { question: project.description, task: task }; });
    });
  };

  /**
   * With the callbacks of jQuery's request object, which this was in PYBOSSA.
   * @param {string} shortname
   */
  pybossa.userProgress = function (shortname) {
    var progress = source.progress(shortname);
    return progress.promise({ success: progress.done, error: progress.fail, complete: progress.always });
  };

  /** @param {string} [path] */
  pybossa.getCurrentTaskId = function (path) {
    var text = path === undefined ? window.location.pathname : path;
    if (text.indexOf('/task/') < 0) { return false; }
    var parts = text.split('/');
    return parts[parts.indexOf('task') + 1];
  };

  /** @param {string} endpoint */
  pybossa.setEndpoint = function (endpoint) {
    url = endpoint.charAt(endpoint.length - 1) === '/' ? endpoint : endpoint + '/';
    // Tasks of another server are no business of the page around this one.
    source = url === '/' && bridged ? bridged : direct;
    return url;
  };

  /* ---- single keys ---- */

  var IN_TEXT = 'input:not([type=button], [type=submit], [type=checkbox], [type=radio]), textarea, select, [contenteditable]';
  /** @type {((key: string, event: KeyboardEvent) => void)[]} */
  var keyHandlers = [];

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    var isOff = document.documentElement.getAttribute('data-keys') === 'off';
    if (isOff || event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey || $(/** @type {Element} */ (event.target)).is(IN_TEXT)) { return; }
    keyHandlers.forEach(function (handler) { handler(event.key.toLowerCase(), event); });
  }

  /**
   * Answer by keys that are single characters: `handler(key, event)`, `key` in lower case, is called for each press outside of text
   * fields, unless the volunteer has turned such keys off, as the page around lets them. Then `<html>` has `data-keys="off"`.
   * @param {(key: string, event: KeyboardEvent) => void} handler
   */
  pybossa.keys = function (handler) {
    if (!keyHandlers.length) {
      document.addEventListener('keydown', onKey);
      if (bridge) { bridge.tell('keys', {}); }
    }
    keyHandlers.push(handler);
  };

  if (bridge) {
    /**
     * Take back the answer to a task that has not been sent yet: true, or false if it is with the server already.
     * @param {number} taskId
     */
    pybossa.takeBack = function (taskId) {
      return promised(bridge.call('takeBack', { id: taskId })).then(function (back) {
        if (back) { delete saved[taskId]; }
        return back;
      });
    };
  }
}(window.pybossa = window.pybossa || {}, jQuery));
