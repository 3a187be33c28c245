"""Presenters written for PYBOSSA, in the ways of their time, run unchanged in the frame
(docs/contract/clients.md 1)."""

from playwright.sync_api import Frame, Page, expect

from tests.support.presses import until_presses_count
from tests.support.site import Site

SKELETON = """
<div class="row">
  <div class="skeleton col-md-12">
    <div id="loading">Loading...</div>
    <div id="question">
      <h1></h1><button class="btn btn-success btn-answer" value="Yes"><i class="fa fa-check"></i> Yes</button>
    </div>
    <div id="success" class="alert alert-success" style="display:none">Saved</div>
    <div id="finish" class="alert alert-info" style="display:none">Finished</div>
    <div class="progress"><div id="progress" class="progress-bar"></div></div>
    <span id="done"></span>/<span id="total"></span> in <span id="locale"></span>
  </div>
</div>
<script>
function loadUserProgress() {
  pybossa.userProgress('PLACE').done(function (data) {
    $('#progress').css('width', Math.round(data.done * 100 / data.total) + '%');
    $('#done').text(data.done); $('#total').text(data.total);
  });
}
$(document).ready(function () { $('#locale').text($.trim($('#PYBOSSA_USER_LOCALE').text())); });
pybossa.taskLoaded(function (task, deferred) { deferred.resolve(task); });
pybossa.presentTask(function (task, deferred) {
  if (!$.isEmptyObject(task)) {
    loadUserProgress();
    $('#loading').hide(); $('#success').hide();
    $('#question h1').html(task.info.question);
    $('.btn-answer').off('click').on('click', function (evt) {
      var answer = $(evt.target).attr('value');
      pybossa.saveTask(task.id, answer).done(function () {
        $('#success').fadeIn(100);
        setTimeout(function () { deferred.resolve(); }, 100);
      });
    });
  } else {
    $('.skeleton').children().hide(); $('#finish').show();
  }
});
pybossa.run('PLACE');
</script>
"""

LOGGED = """
<p id="said"></p>
<script>
var said = [];
function say(text) { said.push(text); $('#said').text(said.join(' | ')); }
pybossa.taskLoaded(function (task, deferred) {
  say('loaded ' + (task.id ? task.info.n : '{}'));
  deferred.resolve(task);
});
pybossa.presentTask(function (task, deferred) {
  say('shown ' + (task.id ? task.info.n : '{}'));
  if (!task.id) { return; }
  $.when(pybossa.saveTask(task, { n: task.info.n })).then(function (run) {
    say('saved ' + run.info.n); deferred.resolve();
  });
});
pybossa.run('PLACE');
</script>
"""

BY_HAND = """
<h1 id="question"></h1><button id="send">Send</button><p id="said"></p>
<script>
localStorage.setItem('seen', 'yes'); sessionStorage.other = 1; document.cookie = 'colour=blue; path=/';
history.pushState({}, 'Title', '/project/PLACE/task/1');
Modernizr.load({ test: true, yep: '/static/js/vendor/json2.min.js', complete: function () { window.loaded = true; } });
pybossaNotify('Hello there', true, 'info');
$.ajax({ url: '/api/project?all=1&short_name=PLACE', dataType: 'json' }).done(function (projects) {
  $.getJSON('/api/project/' + projects[0].id + '/newtask?offset=0').done(function (task) {
    $('#question').text(task.info.question);
    $('#send').on('click', function () {
      $.ajax({ type: 'POST', url: '/api/taskrun', dataType: 'json', contentType: 'application/json',
        data: JSON.stringify({ project_id: task.project_id, task_id: task.id, info: 'by hand' })
      }).done(function (run) {
        fetch('/api/project/PLACE/userprogress').then(function (r) { return r.json(); }).then(function (progress) {
          $('#said').text('run of ' + run.task_id + ': ' + progress.done + ' of ' + progress.total);
        });
      });
    });
  });
});
</script>
"""

FIRST_STYLE = """
<h1 id="question"></h1><button id="send">Send</button>
<script>
pybossa.newTask('PLACE').done(function (data) {
  $('#question').text(data.question + ': ' + data.task.info.question);
  $('#send').on('click', function () {
    pybossa.saveTask(data.task.id, 'first').done(function (run) { $('#send').text('run ' + run.info); });
  });
});
</script>
"""


def guest(page: Page) -> Frame:
    return page.frames[1]


def test_a_skeleton_with_buttons_goes_through_all_tasks(site: Site, page: Page) -> None:
    project = site.project(SKELETON, [{"question": "one?"}, {"question": "two?"}])
    page.goto(f"{project.address}/newtask")
    inside = page.frame_locator("#presenter")
    expect(inside.locator("#total")).to_have_text("2")
    for place, question in enumerate(("one?", "two?")):
        expect(inside.locator("#question h1")).to_have_text(question)
        expect(inside.locator("#done")).to_have_text(str(place))
        until_presses_count(page)
        inside.locator(".btn-answer").click()
    expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()
    assert guest(page).evaluate("[$('#finish').css('display'), $('#locale').text()]") == ["block", "en"]
    assert project.answers() == ["Yes", "Yes"]


def test_events_come_in_their_order(site: Site, page: Page) -> None:
    project = site.project(LOGGED, [{"n": 1}, {"n": 2}])
    page.goto(f"{project.address}/newtask")
    expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()
    said = guest(page).evaluate("said")
    places = [
        said.index(one) for one in ("loaded 1", "shown 1", "saved 1", "shown 2", "saved 2", "loaded {}", "shown {}")
    ]
    assert places == sorted(places)
    assert said.index("loaded 2") < said.index("shown 2") and said.count("shown {}") == 1
    assert project.answers() == [{"n": 1}, {"n": 2}]


def test_the_stand_ins_and_calls_by_hand(site: Site, page: Page) -> None:
    project = site.project(BY_HAND, [{"question": "by hand?"}])
    page.goto(f"{project.address}/newtask")
    inside = page.frame_locator("#presenter")
    expect(inside.locator("#question")).to_have_text("by hand?")
    expect(inside.locator("#pybossa-notification")).to_contain_text("Hello there")
    inside.locator("#send").click()
    expect(inside.locator("#said")).to_have_text(f"run of {project.task_ids[0]}: 1 of 1")
    stored = "[localStorage.getItem('seen'), localStorage.seen, localStorage.length, sessionStorage.other]"
    assert guest(page).evaluate(stored) == ["yes", "yes", 1, "1"]
    assert guest(page).evaluate("[document.cookie, loaded]") == ["colour=blue", True]
    assert guest(page).evaluate("[location.pathname, pybossa.getCurrentTaskId()]") == [
        f"/project/{project.short_name}/task/1",
        "1",
    ]


def test_calls_by_hand_and_the_page_around_speak_for_one_volunteer(site: Site, page: Page) -> None:
    project = site.project(BY_HAND, [{"question": "who?"}])
    page.goto(f"{project.address}/newtask")
    page.frame_locator("#presenter").locator("#send").click()
    expect(page.frame_locator("#presenter").locator("#said")).to_contain_text("1 of 1")
    page.goto(f"{project.address}/newtask")
    expect(page.locator("[data-part=done]")).to_have_text("1 of 1")


def test_a_presenter_of_the_first_style(site: Site, page: Page) -> None:
    project = site.project(FIRST_STYLE, [{"question": "still?"}])
    page.goto(f"{project.address}/newtask")
    inside = page.frame_locator("#presenter")
    expect(inside.locator("#question")).to_have_text("A test: still?")
    inside.locator("#send").click()
    expect(inside.locator("#send")).to_have_text("run first")
    page.wait_for_timeout(300)
    assert project.answers() == ["first"]


def test_bootstrap_and_jquery_are_there(site: Site, page: Page) -> None:
    project = site.project("<p>Here</p>")
    page.goto(f"{project.address}/newtask")
    page.frame_locator("#presenter").get_by_text("Here").wait_for()
    assert guest(page).evaluate("[$.fn.jquery[0], typeof $.fn.modal, typeof $.fn.tooltip]") == [
        "2",
        "function",
        "function",
    ]
