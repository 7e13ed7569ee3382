"""People who can be asked, and addresses that must not be."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from feedback_app.db import NEVER_REUSED, Base, UtcDateTime


class Person(Base):
    """Someone who can be asked: one row for each normalised address in the installation."""

    __tablename__ = "person"
    __table_args__ = (
        Index("ix_person_account_id", "account_id"),
        Index("ix_person_name", "name", "id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str | None] = mapped_column(String(254))  # as given
    email_key: Mapped[str | None] = mapped_column(String(254), unique=True)  # see `normalised_address`
    phone_number: Mapped[str | None] = mapped_column(String(16), unique=True, index=True)  # E.164
    name: Mapped[str] = mapped_column(String(254), default="")
    external_id: Mapped[str | None] = mapped_column(String(200), index=True)
    locale: Mapped[str | None] = mapped_column(String(35))  # BCP 47, as given
    time_zone: Mapped[str | None] = mapped_column(String(64))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    properties: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SuppressionReason(StrEnum):
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    ERASED = "erased"


class Suppression(Base):
    """An address that gets no mail, of one survey or of any. Kept as a keyed hash, so it outlives the person."""

    __tablename__ = "suppression"
    __table_args__ = (
        Index("uq_suppression_one_survey", "address_hash", "reason", "survey_id", unique=True),
        # NULLs are distinct in a unique index, so "every survey" needs one of its own.
        Index(
            "uq_suppression_every_survey",
            "address_hash",
            "reason",
            unique=True,
            sqlite_where=text("survey_id IS NULL"),
            postgresql_where=text("survey_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    address_hash: Mapped[str] = mapped_column(String(64))  # see `Vault.address_hash`
    reason: Mapped[str] = mapped_column(String(20))
    survey_id: Mapped[int | None] = mapped_column(
        ForeignKey("survey.id", ondelete="CASCADE")
    )  # None: every survey
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    detail: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PeopleList(Base):
    """People who were put together by hand or came in one file: whom a campaign or a plan may ask."""

    __tablename__ = "people_list"
    __table_args__ = (NEVER_REUSED,)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PeopleListMember(Base):
    """Who is on a list."""

    __tablename__ = "people_list_member"
    __table_args__ = (Index("ix_people_list_member_person_id", "person_id"),)

    list_id: Mapped[int] = mapped_column(ForeignKey("people_list.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)


class SavedFilter(Base):
    """A filter of people under a name (see `PeopleFilter`); whoever fits it when it is used is meant."""

    __tablename__ = "saved_filter"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    filter: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
