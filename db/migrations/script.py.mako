"""${message}."""

import sqlalchemy as sa
from alembic import op
% if config.attributes["functions"]:

from db.migrations.functions import install, restore
% endif
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
% if config.attributes["functions"]:
    install(__file__)
% endif


def downgrade() -> None:
% if config.attributes["functions"]:
    restore(__file__)
% endif
    ${downgrades if downgrades else "pass"}
