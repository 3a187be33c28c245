"""How a project's tasks are handed out."""

from wtforms import FloatField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Regexp

from webapp.forms.base import WholeNumberField, WorkbeeForm
from webapp.i18n import lazy_gettext as _

LONGEST_LIST = 50_000
"""Characters of a list of task ids: some thousands of them."""


class RedundancyForm(WorkbeeForm):
    n_answers = WholeNumberField(
        _("Answers for each task"),
        (
            InputRequired(message=_("This field is required.")),
            NumberRange(1, 1000, message=_("Number of answers should be a value between 1 and 1,000")),
        ),
        description=_("Different people each; the more, the surer the result."),
    )


class SchedulerForm(WorkbeeForm):
    sched = SelectField(_("Order of the tasks"), (InputRequired(message=_("This field is required.")),))


class PriorityForm(WorkbeeForm):
    task_ids = StringField(
        _("Task ids"),
        (
            DataRequired(message=_("This field is required.")),
            Length(max=LONGEST_LIST),
            Regexp(r"^[0-9, ]*[0-9][0-9, ]*$", message=_("Numbers, separated by commas")),
        ),
    )
    priority_0 = FloatField(
        _("Priority"),
        (
            InputRequired(message=_("This field is required.")),
            NumberRange(0, 1, message=_("Priority should be a value between 0.0 and 1.0")),
        ),
        description=_("From 0 to 1; higher comes first."),
    )
