"""Themes, people's word on tags, models of one's own, and comments whose words contradict the rating.

Why:    a tag could not be corrected and said nothing of what a comment is about.
Safe:   new tables, and columns with defaults or empty; the previous release runs against it. Tags that are there are
        marked as the tagger's, in one statement over the responses that have one.
Back:   drops all of these: themes, corrections and own models are lost; sentiments stay as they are.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OPEN_CLASHES = "look_twice IS NOT NULL AND looked_at IS NULL"
COLUMNS: dict[str, sa.types.TypeEngine] = {
    "sentiment_source": sa.String(length=10),
    "tagger_sentiment": sa.String(length=10),
    "confidence": sa.Double(),
    "look_twice": sa.String(length=20),
    "looked_at": sa.DateTime(timezone=True),
}


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("response", sa.Column(name, kind, nullable=True))
    op.execute(
        "UPDATE response SET sentiment_source = 'words', tagger_sentiment = sentiment WHERE sentiment IS NOT NULL"
    )
    op.create_index(
        "ix_response_look_twice",
        "response",
        ["created_at", "id"],
        sqlite_where=sa.text(OPEN_CLASHES),
        postgresql_where=sa.text(OPEN_CLASHES),
    )
    op.add_column(
        "endpoint", sa.Column("masks_comments", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    create_themes()
    create_judgements()
    create_own_models()


def create_themes() -> None:
    op.create_table(
        "theme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_key", sa.String(length=60), nullable=False),
        sa.Column("patterns", sa.Text(), nullable=False),
        sa.Column("colour", sa.String(length=7), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("applied_up_to", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["theme.id"], name=op.f("fk_theme_merged_into_id_theme"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_theme")),
        sa.UniqueConstraint("name_key", name=op.f("uq_theme_name_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "response_theme",
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("theme_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("sentiment", sa.String(length=10), nullable=True),
        sa.Column("polarity", sa.Double(), nullable=True),
        sa.Column("spans", sa.JSON(), nullable=False),
        sa.CheckConstraint("source IN ('rule', 'person')", name=op.f("ck_response_theme_known_source")),
        sa.ForeignKeyConstraint(
            ["response_id"],
            ["response.id"],
            name=op.f("fk_response_theme_response_id_response"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["theme_id"], ["theme.id"], name=op.f("fk_response_theme_theme_id_theme"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("response_id", "theme_id", name=op.f("pk_response_theme")),
    )
    op.create_index(
        "ix_response_theme_theme_id",
        "response_theme",
        ["theme_id", "response_id"],
        sqlite_where=sa.text("NOT removed"),
        postgresql_where=sa.text("NOT removed"),
    )


def create_judgements() -> None:
    op.create_table(
        "judgement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("theme_id", sa.Integer(), nullable=True),
        sa.Column("tagger_said", sa.String(length=10), nullable=True),
        sa.Column("person_said", sa.String(length=10), nullable=False),
        sa.Column("tagger", sa.String(length=60), nullable=True),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('sentiment', 'theme')", name=op.f("ck_judgement_known_kind")),
        sa.ForeignKeyConstraint(
            ["response_id"],
            ["response.id"],
            name=op.f("fk_judgement_response_id_response"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["theme_id"], ["theme.id"], name=op.f("fk_judgement_theme_id_theme"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["staff_user.id"],
            name=op.f("fk_judgement_user_id_staff_user"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgement")),
    )
    op.create_index("ix_judgement_response_id", "judgement", ["response_id", "kind"])
    op.create_index("ix_judgement_at", "judgement", ["kind", "at"])


def create_own_models() -> None:
    op.create_table(
        "own_model",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("weights", sa.LargeBinary(), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("trained_on", sa.Integer(), nullable=False),
        sa.Column("tested_on", sa.Integer(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("base", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('proposed', 'active', 'retired', 'not-better', 'declined')",
            name=op.f("ck_own_model_known_state"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["staff_user.id"],
            name=op.f("fk_own_model_decided_by_staff_user"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_model")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_own_model_active",
        "own_model",
        ["state"],
        unique=True,
        sqlite_where=sa.text("state = 'active'"),
        postgresql_where=sa.text("state = 'active'"),
    )


def downgrade() -> None:
    op.drop_table("own_model")
    op.drop_table("judgement")
    op.drop_table("response_theme")
    op.drop_table("theme")
    op.drop_column("endpoint", "masks_comments")
    op.drop_index("ix_response_look_twice", table_name="response")
    for name in reversed(COLUMNS):
        op.drop_column("response", name)
