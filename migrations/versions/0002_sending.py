"""Triggers with conditions, reminders, campaigns, plans, lists, imports, and what mail providers report.

Why:    a trigger could only say source, survey and delay; nobody could be asked from a list; bounces went unheard.
Safe:   new tables and columns with defaults; the ledger is written anew once, as its event may now be empty, and every
        entry learns its person. The previous release runs against it, but knows nothing of reminders and campaigns.
Back:   drops all of these, and the ledger entries of campaigns and plans, which have no event.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_hook",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_hook")),
        sa.UniqueConstraint("key", name=op.f("uq_mail_hook_key")),
    )
    op.create_table(
        "people_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_list")),
        sa.UniqueConstraint("name", name=op.f("uq_people_list_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("filter", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
        sa.UniqueConstraint("name", name=op.f("uq_saved_filter_name")),
    )
    op.create_table(
        "campaign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("per_hour", sa.Integer(), nullable=True),
        sa.Column("window", sa.JSON(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_slot_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("per_hour IS NULL OR per_hour > 0", name=op.f("ck_campaign_some_per_hour")),
        sa.ForeignKeyConstraint(
            ["created_by"],
            ["staff_user.id"],
            name=op.f("fk_campaign_created_by_staff_user"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["survey.id"], name=op.f("fk_campaign_survey_id_survey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_campaign_state", "campaign", ["state"])

    op.create_table(
        "import_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("encoding", sa.String(length=40), nullable=False),
        sa.Column("delimiter", sa.String(length=4), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("bytes_done", sa.BigInteger(), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["staff_user.id"], name=op.f("fk_import_run_user_id_staff_user"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_import_run_state", "import_run", ["state"])

    op.create_table(
        "plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("cadence_days", sa.Integer(), nullable=False),
        sa.Column("window", sa.JSON(), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cadence_days > 0", name=op.f("ck_plan_some_days")),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["survey.id"], name=op.f("fk_plan_survey_id_survey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("survey_id", name=op.f("uq_plan_survey_id")),
    )
    op.create_table(
        "import_chunk",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["import_run.id"], name=op.f("fk_import_chunk_run_id_import_run"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "position", name=op.f("pk_import_chunk")),
    )
    op.create_table(
        "import_reject",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["import_run.id"], name=op.f("fk_import_reject_run_id_import_run"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_reject")),
    )
    op.create_index("ix_import_reject_run", "import_reject", ["run_id", "id"])

    op.create_table(
        "campaign_member",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name=op.f("fk_campaign_member_campaign_id_campaign"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_campaign_member_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("campaign_id", "person_id", name=op.f("pk_campaign_member")),
    )
    op.create_index("ix_campaign_member_person_id", "campaign_member", ["person_id"])

    op.create_table(
        "people_list_member",
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"],
            ["people_list.id"],
            name=op.f("fk_people_list_member_list_id_people_list"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_people_list_member_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("list_id", "person_id", name=op.f("pk_people_list_member")),
    )
    op.create_index("ix_people_list_member_person_id", "people_list_member", ["person_id"])

    op.create_table(
        "plan_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("properties", sa.JSON(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_plan_member_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_plan_member_plan_id_plan"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_member")),
        sa.UniqueConstraint("plan_id", "person_id", name=op.f("uq_plan_member_plan_id_person_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_plan_member_person_id", "plan_member", ["person_id"])
    op.create_index("ix_plan_member_turn", "plan_member", ["plan_id", "next_at"])

    op.create_table(
        "mail_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hook_id", sa.Integer(), nullable=True),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("dedupe_key", sa.String(length=300), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("outcome", sa.String(length=30), nullable=True),
        sa.Column("problem", sa.String(length=300), nullable=False),
        sa.Column("address_hash", sa.String(length=64), nullable=True),
        sa.Column("invitation_id", sa.Integer(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hook_id"], ["mail_hook.id"], name=op.f("fk_mail_event_hook_id_mail_hook"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["invitation.id"],
            name=op.f("fk_mail_event_invitation_id_invitation"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_event")),
        sa.UniqueConstraint("provider", "dedupe_key", name=op.f("uq_mail_event_provider_dedupe_key")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_mail_event_token_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_mail_event_address", "mail_event", ["address_hash", "received_at"])
    op.create_index("ix_mail_event_invitation_id", "mail_event", ["invitation_id"])
    op.create_index("ix_mail_event_hook", "mail_event", ["hook_id", "received_at", "outcome"])
    op.create_index(
        "ix_mail_event_due",
        "mail_event",
        ["try_at"],
        sqlite_where=sa.text("try_at IS NOT NULL"),
        postgresql_where=sa.text("try_at IS NOT NULL"),
    )
    op.create_index(
        "ix_mail_event_listed",
        "mail_event",
        ["id"],
        sqlite_where=sa.text("state IN ('unmatched', 'unreadable')"),
        postgresql_where=sa.text("state IN ('unmatched', 'unreadable')"),
    )

    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("window", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remote_id", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["invitation.id"],
            name=op.f("fk_reminder_invitation_id_invitation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_reminder_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["survey.id"], name=op.f("fk_reminder_survey_id_survey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint("invitation_id", name=op.f("uq_reminder_invitation_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_reminder_due", "reminder", ["state", "due_at", "id"])
    op.create_index("ix_reminder_person", "reminder", ["person_id", "state"])
    op.create_index("ix_reminder_remote_id", "reminder", ["remote_id"])

    op.add_column("event", sa.Column("deliveries", sa.Integer(), nullable=False, server_default="1"))
    op.create_index("ix_event_person", "event", ["person_id", "id"])
    op.create_index("ix_event_received_at", "event", ["received_at", "id", "state", "source_id"])
    # PostgreSQL indexes only what it stores, and SQLite can only add what it does not store.
    is_stored = op.get_bind().dialect.name == "postgresql" or None
    number = sa.Computed("substr(facts ->> 'interaction_id', 1, 200)", persisted=is_stored)
    op.add_column("event", sa.Column("case_number", sa.String(length=200), number))
    op.create_index("ix_event_case_number", "event", ["case_number"])
    op.create_index(
        "ix_event_unreadable",
        "event",
        ["id"],
        sqlite_where=sa.text("state = 'unreadable'"),
        postgresql_where=sa.text("state = 'unreadable'"),
    )

    op.add_column("invitation", sa.Column("window", sa.JSON(), nullable=True))
    op.add_column("invitation", sa.Column("remote_id", sa.String(length=200), nullable=True))
    op.create_index("ix_invitation_remote_id", "invitation", ["remote_id"])
    op.drop_index("ix_invitation_due", "invitation")
    op.create_index("ix_invitation_due", "invitation", ["state", "due_at", "id"])

    with op.batch_alter_table("ledger_entry") as batch_op:
        batch_op.add_column(sa.Column("campaign_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("plan_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("person_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("duplicate_of_id", sa.Integer(), nullable=True))
        batch_op.alter_column("event_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.drop_index(
            batch_op.f("uq_ledger_entry_no_trigger"), sqlite_where=sa.text("outcome = 'no_trigger'")
        )
        batch_op.create_index("ix_ledger_entry_invitation_id", ["invitation_id"], unique=False)
        batch_op.create_index(
            "ix_ledger_entry_duplicate_of_id",
            ["duplicate_of_id"],
            sqlite_where=sa.text("duplicate_of_id IS NOT NULL"),
            postgresql_where=sa.text("duplicate_of_id IS NOT NULL"),
        )
        batch_op.create_index("ix_ledger_entry_at", ["at", "id", "outcome", "trigger_id", "invitation_id"])
        batch_op.create_index("ix_ledger_entry_person", ["person_id", "at", "id"])
        batch_op.create_index("ix_ledger_entry_trigger", ["trigger_id", "at", "id", "outcome"])
        batch_op.create_index("ix_ledger_entry_survey", ["survey_id", "at", "id"])
        batch_op.create_index("ix_ledger_entry_outcome", ["outcome", "at", "id"])
        for of in ("campaign", "plan"):
            batch_op.create_index(
                f"ix_ledger_entry_{of}",
                [f"{of}_id", "at", "id"],
                sqlite_where=sa.text(f"{of}_id IS NOT NULL"),
                postgresql_where=sa.text(f"{of}_id IS NOT NULL"),
            )
        batch_op.create_unique_constraint(
            batch_op.f("uq_ledger_entry_campaign_id_person_id"), ["campaign_id", "person_id"]
        )
        batch_op.create_index(
            "uq_ledger_entry_of_event_alone",
            ["event_id"],
            unique=True,
            sqlite_where=sa.text("outcome IN ('no_trigger', 'duplicate')"),
            postgresql_where=sa.text("outcome IN ('no_trigger', 'duplicate')"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_ledger_entry_plan_id_plan"), "plan", ["plan_id"], ["id"], ondelete="CASCADE"
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_ledger_entry_campaign_id_campaign"),
            "campaign",
            ["campaign_id"],
            ["id"],
            ondelete="CASCADE",
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_ledger_entry_duplicate_of_id_event"),
            "event",
            ["duplicate_of_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_ledger_entry_person_id_person"),
            "person",
            ["person_id"],
            ["id"],
            ondelete="SET NULL",
        )

    op.execute(
        "UPDATE ledger_entry SET person_id = (SELECT event.person_id FROM event WHERE event.id = ledger_entry.event_id)"
    )
    op.create_index("ix_person_name", "person", ["name", "id"])

    op.add_column("source", sa.Column("settings", sa.JSON(), nullable=False, server_default="{}"))

    op.add_column(
        "survey", sa.Column("reserves_turn", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("survey", sa.Column("reminder_days", sa.Integer(), nullable=True))
    op.add_column("survey", sa.Column("about", sa.String(length=10), nullable=False, server_default="brand"))

    op.add_column("trigger", sa.Column("name", sa.String(length=120), nullable=False, server_default=""))
    op.add_column(
        "trigger",
        sa.Column("event_type", sa.String(length=60), nullable=False, server_default="interaction_closed"),
    )
    op.add_column("trigger", sa.Column("conditions", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("trigger", sa.Column("window", sa.JSON(), nullable=True))
    op.add_column("trigger", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.execute("DELETE FROM ledger_entry WHERE event_id IS NULL OR outcome = 'duplicate'")
    op.drop_column("trigger", "deleted_at")
    op.drop_column("trigger", "window")
    op.drop_column("trigger", "conditions")
    op.drop_column("trigger", "event_type")
    op.drop_column("trigger", "name")

    op.drop_column("survey", "about")
    op.drop_column("survey", "reminder_days")
    op.drop_column("survey", "reserves_turn")

    op.drop_column("source", "settings")

    op.drop_index("ix_person_name", "person")

    with op.batch_alter_table("ledger_entry") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_ledger_entry_person_id_person"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_ledger_entry_duplicate_of_id_event"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_ledger_entry_campaign_id_campaign"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_ledger_entry_plan_id_plan"), type_="foreignkey")
        batch_op.drop_index(
            "uq_ledger_entry_of_event_alone",
            sqlite_where=sa.text("outcome IN ('no_trigger', 'duplicate')"),
            postgresql_where=sa.text("outcome IN ('no_trigger', 'duplicate')"),
        )
        batch_op.drop_constraint(batch_op.f("uq_ledger_entry_campaign_id_person_id"), type_="unique")
        batch_op.drop_index("ix_ledger_entry_plan")
        batch_op.drop_index("ix_ledger_entry_campaign")
        batch_op.drop_index("ix_ledger_entry_survey")
        batch_op.drop_index("ix_ledger_entry_at")
        batch_op.drop_index("ix_ledger_entry_trigger")
        batch_op.drop_index("ix_ledger_entry_person")
        batch_op.drop_index("ix_ledger_entry_outcome")
        batch_op.drop_index("ix_ledger_entry_invitation_id")
        batch_op.drop_index("ix_ledger_entry_duplicate_of_id")
        batch_op.create_index(
            batch_op.f("uq_ledger_entry_no_trigger"),
            ["event_id"],
            unique=True,
            sqlite_where=sa.text("outcome = 'no_trigger'"),
            postgresql_where=sa.text("outcome = 'no_trigger'"),
        )
        batch_op.alter_column("event_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("duplicate_of_id")
        batch_op.drop_column("person_id")
        batch_op.drop_column("plan_id")
        batch_op.drop_column("campaign_id")

    op.drop_index("ix_invitation_due", "invitation")
    op.create_index("ix_invitation_due", "invitation", ["state", "due_at"])
    op.drop_index("ix_invitation_remote_id", "invitation")
    op.drop_column("invitation", "remote_id")
    op.drop_column("invitation", "window")

    op.drop_index(
        "ix_event_unreadable",
        "event",
        sqlite_where=sa.text("state = 'unreadable'"),
        postgresql_where=sa.text("state = 'unreadable'"),
    )
    op.drop_index("ix_event_case_number", "event")
    op.drop_column("event", "case_number")
    op.drop_index("ix_event_received_at", "event")
    op.drop_index("ix_event_person", "event")
    op.drop_column("event", "deliveries")

    op.drop_index("ix_reminder_remote_id", "reminder")
    op.drop_index("ix_reminder_person", "reminder")
    op.drop_index("ix_reminder_due", "reminder")

    op.drop_table("reminder")
    op.drop_index(
        "ix_mail_event_listed",
        "mail_event",
        sqlite_where=sa.text("state IN ('unmatched', 'unreadable')"),
        postgresql_where=sa.text("state IN ('unmatched', 'unreadable')"),
    )
    op.drop_index(
        "ix_mail_event_due",
        "mail_event",
        sqlite_where=sa.text("try_at IS NOT NULL"),
        postgresql_where=sa.text("try_at IS NOT NULL"),
    )
    op.drop_index("ix_mail_event_hook", "mail_event")
    op.drop_index("ix_mail_event_invitation_id", "mail_event")
    op.drop_index("ix_mail_event_address", "mail_event")

    op.drop_table("mail_event")
    op.drop_index("ix_plan_member_turn", "plan_member")
    op.drop_index("ix_plan_member_person_id", "plan_member")

    op.drop_table("plan_member")
    op.drop_index("ix_people_list_member_person_id", "people_list_member")

    op.drop_table("people_list_member")
    op.drop_index("ix_campaign_member_person_id", "campaign_member")

    op.drop_table("campaign_member")
    op.drop_index("ix_import_reject_run", "import_reject")

    op.drop_table("import_reject")
    op.drop_table("import_chunk")
    op.drop_table("plan")
    op.drop_index("ix_import_run_state", "import_run")

    op.drop_table("import_run")
    op.drop_index("ix_campaign_state", "campaign")

    op.drop_table("campaign")
    op.drop_table("saved_filter")
    op.drop_table("people_list")
    op.drop_table("mail_hook")
