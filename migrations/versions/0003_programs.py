"""API keys, endpoints that hear of what happens, goals, and what programs say of people and responses.

Why:    programs had no way in, and nobody outside heard of an answer.
Safe:   new tables, and columns with defaults or empty; the previous release runs against it.
Back:   drops all of these: keys and endpoints have to be made anew, phone numbers and tags are lost.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "endpoint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("sealed_url", sa.Text(), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("shape", sa.String(length=10), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("filter", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_because", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endpoint")),
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("start", sa.String(length=8), nullable=False),
        sa.Column("scope", sa.String(length=10), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by"],
            ["staff_user.id"],
            name=op.f("fk_api_key_created_by_staff_user"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["survey.id"], name=op.f("fk_api_key_survey_id_survey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_key_token_hash")),
    )
    op.create_index("ix_api_key_survey_id", "api_key", ["survey_id"])

    op.create_table(
        "goal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("target", sa.Float(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["survey.id"], name=op.f("fk_goal_survey_id_survey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goal")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_goal_survey_id", "goal", ["survey_id"])

    op.create_table(
        "listener",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("endpoint_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["endpoint.id"],
            name=op.f("fk_listener_endpoint_id_endpoint"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listener")),
    )
    op.create_index("ix_listener_kind", "listener", ["kind"])

    op.create_table(
        "idempotent_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("api_key_id", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["api_key_id"],
            ["api_key.id"],
            name=op.f("fk_idempotent_answer_api_key_id_api_key"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotent_answer")),
        sa.UniqueConstraint(
            "api_key_id", "idempotency_key", name=op.f("uq_idempotent_answer_api_key_id_idempotency_key")
        ),
    )
    op.create_index("ix_idempotent_answer_at", "idempotent_answer", ["at"])

    op.create_table(
        "earlier_ask",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_earlier_ask_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["survey.id"], name=op.f("fk_earlier_ask_survey_id_survey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "survey_id", name=op.f("pk_earlier_ask")),
    )
    op.create_table(
        "survey_person",
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_survey_person_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["survey.id"], name=op.f("fk_survey_person_survey_id_survey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("survey_id", "person_id", name=op.f("pk_survey_person")),
    )
    op.create_index("ix_survey_person_person_id", "survey_person", ["person_id"])

    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("endpoint_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["endpoint.id"],
            name=op.f("fk_webhook_delivery_endpoint_id_endpoint"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_webhook_delivery_person_id_person"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sa.UniqueConstraint("endpoint_id", "event_id", name=op.f("uq_webhook_delivery_endpoint_id_event_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_webhook_delivery_due",
        "webhook_delivery",
        ["next_attempt_at"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "ix_webhook_delivery_endpoint_due",
        "webhook_delivery",
        ["endpoint_id", "next_attempt_at"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "ix_webhook_delivery_leased",
        "webhook_delivery",
        ["endpoint_id"],
        sqlite_where=sa.text("lease_until IS NOT NULL"),
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.create_index("ix_webhook_delivery_endpoint", "webhook_delivery", ["endpoint_id", "id"])

    op.create_table(
        "happening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("response_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_happening_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["response_id"],
            ["response.id"],
            name=op.f("fk_happening_response_id_response"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["survey.id"], name=op.f("fk_happening_survey_id_survey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_happening")),
        sqlite_autoincrement=True,
    )
    op.add_column("invitation", sa.Column("properties", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("invitation", sa.Column("may_wait", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("note", sa.Column("author_name", sa.String(length=120), nullable=False, server_default=""))
    op.add_column("plan_member", sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True))

    op.add_column("person", sa.Column("phone_number", sa.String(length=16), nullable=True))
    op.create_index("ix_person_phone_number", "person", ["phone_number"], unique=True)

    op.add_column("response", sa.Column("tags", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("response", sa.Column("additional_answers", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("response", sa.Column("external_id", sa.String(length=200), nullable=True))
    op.create_index("ix_response_changed", "response", ["survey_id", "updated_at", "id"])
    op.create_index("uq_response_external_id", "response", ["survey_id", "external_id"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_response_external_id", "response")
    op.drop_index("ix_response_changed", "response")
    op.drop_column("response", "external_id")
    op.drop_column("response", "additional_answers")
    op.drop_column("response", "tags")

    op.drop_index("ix_person_phone_number", "person")
    op.drop_column("person", "phone_number")

    op.drop_column("plan_member", "updated_at")
    op.drop_column("note", "author_name")
    op.drop_column("invitation", "may_wait")
    op.drop_column("invitation", "properties")

    op.drop_table("happening")
    op.drop_index("ix_webhook_delivery_endpoint", "webhook_delivery")
    op.drop_index(
        "ix_webhook_delivery_due",
        "webhook_delivery",
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )

    op.drop_table("webhook_delivery")
    op.drop_index("ix_survey_person_person_id", "survey_person")

    op.drop_table("survey_person")
    op.drop_table("earlier_ask")
    op.drop_index("ix_idempotent_answer_at", "idempotent_answer")

    op.drop_table("idempotent_answer")
    op.drop_index("ix_listener_kind", "listener")

    op.drop_table("listener")
    op.drop_index("ix_goal_survey_id", "goal")

    op.drop_table("goal")
    op.drop_index("ix_api_key_survey_id", "api_key")

    op.drop_table("api_key")
    op.drop_table("endpoint")
