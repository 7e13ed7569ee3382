"""An index of the words of comments, notes and people, kept true by triggers.

Why:    looking for a word read every comment there is.
Safe:   new tables alone; the index is built for what is there, a million comments in about four minutes on SQLite and
        five to ten on PostgreSQL. On SQLite the triggers call functions of this release, so the previous one can
        read but not store answers: stop it before migrating. On PostgreSQL it runs against it unchanged.
Back:   drops the index; nothing is lost, it is built anew by going up.
"""

from alembic import op

from feedback_app.search import tables

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    tables.create(op.get_bind())


def downgrade() -> None:
    tables.drop(op.get_bind())
