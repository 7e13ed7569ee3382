"""Keep every fault of a row that an import rejected, however many there are.

Why:    the reason named the first fault alone, and 300 characters do not hold them all.
Safe:   on PostgreSQL the type alone changes; on SQLite the table of rejected rows, which are kept for 30 days, is
        copied. The previous release runs against it unchanged.
Back:   cuts the reasons to 300 characters.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SHORT, WHOLE = sa.String(length=300), sa.Text()


def upgrade() -> None:
    with op.batch_alter_table("import_reject") as table:
        table.alter_column("reason", existing_type=SHORT, type_=WHOLE, existing_nullable=False)


def downgrade() -> None:
    op.execute("UPDATE import_reject SET reason = substr(reason, 1, 300) WHERE length(reason) > 300")
    with op.batch_alter_table("import_reject") as table:
        table.alter_column("reason", existing_type=WHOLE, type_=SHORT, existing_nullable=False)
