"""What the macros promise to pages: progress that tells the truth, errors tied to their fields, names kept as text."""

import re
from typing import Any

import pytest

from webapp.http.renderer import Renderer
from webapp.viewmodels.form import Choice, FieldModel, FormModel
from webapp.viewmodels.page import Pagination

RENDERER = Renderer(lambda path: f"/static/{path}")


def draw(macro: str, **values: Any) -> str:
    """What a template makes of one call of a macro."""
    return RENDERER.environment.from_string("{{ " + macro + " }}").render(values)


def cells(svg: str, kind: str) -> int:
    found = re.search(rf'class="comb-{kind}" d="([^"]*)"', svg)
    return found[1].count("M") if found else 0


@pytest.mark.parametrize(
    ("done", "total", "full"),
    [(0, 100, 0), (1, 1000, 1), (50, 100, 20), (999, 1000, 39), (1000, 1000, 40), (7, 5, 40), (0, 0, 0)],
)
def test_a_comb_is_empty_or_full_only_where_that_is_so(done: int, total: int, full: int) -> None:
    svg = draw("ui.comb(done, total)", done=done, total=total)
    assert (cells(svg, "done"), cells(svg, "open")) == (full, 40 - full)


def test_the_newest_cells_are_part_of_what_is_done() -> None:
    svg = draw("ui.comb(50, 100, 'page', fresh=3)")
    assert (cells(svg, "done"), cells(svg, "fresh"), cells(svg, "open")) == (47, 3, 50)


def test_progress_says_its_number_in_words() -> None:
    assert "1,114 of 1,797 done" in draw("ui.progress(1114, 1797)")


def test_an_error_is_tied_to_its_field() -> None:
    field = FieldModel("email", "Email", "email", "x", errors=("Invalid address.",), description="Never shown.")
    html = draw("ui.form_field(field)", field=field)
    assert 'aria-describedby="email-hint email-error"' in html
    assert 'aria-invalid="true"' in html
    assert re.search(r'id="email-error">.*Invalid address\.', html, re.DOTALL)


def test_a_password_is_never_sent_back() -> None:
    field = FieldModel("password", "Password", "password", "secret")
    assert "secret" not in draw("ui.form_field(field)", field=field)


def test_a_form_carries_its_token_and_its_fields() -> None:
    choices = (Choice("en", "English", False), Choice("fr", "Français", True))
    fields = {
        "name": FieldModel("name", "Name", "text", "<b>", required=True),
        "locale": FieldModel("locale", "Language", "select", choices=choices),
        "file": FieldModel("file", "File", "file"),
    }
    html = draw("ui.form(form, '/here', 'Save')", form=FormModel(fields, "token"))
    assert 'name="csrf_token" value="token"' in html
    assert 'value="&lt;b&gt;"' in html
    assert '<option value="fr" selected>' in html
    assert 'enctype="multipart/form-data"' in html


@pytest.mark.parametrize(
    ("page", "pages", "shown"),
    [(1, 1, []), (1, 3, ["1", "2", "3"]), (5, 9, ["1", "…", "4", "5", "6", "…", "9"])],
)
def test_a_long_list_shows_the_pages_around(page: int, pages: int, shown: list[str]) -> None:
    html = draw("ui.pagination(at, '/list/{page}')", at=Pagination(page=page, per_page=10, total=pages * 10))
    items = re.findall(r"<li>.*?>([^<]+)<", html)
    assert items == shown


def test_a_project_without_a_picture_has_one_of_its_own_for_good() -> None:
    one, again, other = (draw("ui.cover(p)", p={"id": id_, "info": None}) for id_ in (1, 1, 2))
    assert one == again != other
    assert 'src="/picture.png"' in draw("ui.cover(p)", p={"id": 1, "info": {"thumbnail_url": "/picture.png"}})


IN_TWO_WIDTHS = f"/uploads/project_1/moon-{'0a' * 12}"


def test_a_picture_is_fetched_no_larger_than_it_is_shown() -> None:
    cover = draw("ui.cover(p)", p={"id": 1, "info": {"thumbnail_url": f"{IN_TWO_WIDTHS}-768.avif"}})
    assert f'src="{IN_TWO_WIDTHS}-384.avif"' in cover
    assert f'srcset="{IN_TWO_WIDTHS}-384.avif 384w, {IN_TWO_WIDTHS}-768.avif 768w" sizes="' in cover
    who = {"name": "ada", "avatar_url": f"{IN_TWO_WIDTHS}-192.avif"}
    assert f'src="{IN_TWO_WIDTHS}-72.avif"' in draw("ui.avatar(who)", who=who)
    assert f'src="{IN_TWO_WIDTHS}-192.avif"' in draw("ui.avatar(who, 'large')", who=who)


@pytest.mark.parametrize(
    "address",
    [
        "/picture.png",
        "https://elsewhere.example/moon-768.avif",
        f"{IN_TWO_WIDTHS}.avif",
        f"{IN_TWO_WIDTHS}-769.avif",
        f"{IN_TWO_WIDTHS}-768.avif?x",
        f"{IN_TWO_WIDTHS}-768.png",
    ],
)
def test_other_pictures_are_shown_as_they_are(address: str) -> None:
    for html in (
        draw("ui.cover(p)", p={"id": 1, "info": {"thumbnail_url": address}}),
        draw("ui.avatar(who)", who={"name": "ada", "avatar_url": address}),
    ):
        assert f'src="{address}"' in html and "srcset" not in html
        assert re.search(r' width="\d+" height="\d+"', html)


def test_a_face_without_a_picture_shows_initials() -> None:
    assert ">AL</span>" in draw("ui.avatar(who)", who={"fullname": "Ada King Lovelace", "name": "ada"})
    assert ">A</span>" in draw("ui.avatar(who)", who={"fullname": "", "name": "ada"})


def test_what_people_write_stays_text() -> None:
    project = {"id": 1, "short_name": "x", "name": "<script>", "description": "<b>", "info": {}}
    html = draw("ui.card(p)", p=project | {"overall_progress": 12, "n_volunteers": 1})
    assert "<script>" not in html and "&lt;script&gt;" in html
    assert "1 volunteer<" in html
