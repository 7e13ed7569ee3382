"""What is written is found and what is gone is not, by every path that writes, on both databases."""

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from feedback_app.db import db, insert_into, transaction
from feedback_app.directory.erasing import erase_person
from feedback_app.people.models import Person
from feedback_app.responses.models import TAG_COLUMNS, Response
from feedback_app.reviews.models import Note
from feedback_app.reviews.services import add_note
from feedback_app.search import index, tables
from feedback_app.search.kinds import INDEXED, Kind
from feedback_app.search.query import Query
from feedback_app.tagging.batches import tag_again
from tests.conftest import NOON
from tests.factories import make_person, make_read, make_response

COMMENTS = {
    "slow": "Support was slow; the exports keep failing. It's not good!",
    "praise": "Great support, fast exporting. Good, not bad at all",
    "cafe": "The Café próximo at Straße 5 was closed",
    "mail": "Write to dana.whitfield@harrowfinch.example or see https://x.example/a_b?c=1",
    "german": "Die Rechnungen waren falsch",
    "hindi": "हिन्दी भाषा",
    "chinese": "客服很慢，导出失败👍",
}


def found(session: Session, typed: str, kind: Kind = Kind.COMMENT) -> list[int]:
    """The ids that match, newest first, found in both ways that there are."""
    connection, query = session.connection(), Query.read(typed)
    ids = list(index.newest(connection, kind, query, limit=50))
    assert set(ids) == set(connection.scalars(index.matching(connection.dialect.name, kind, query)))
    assert len(ids) == index.count(connection, kind, query)
    session.rollback()
    return ids


@pytest.fixture
def comments(session: Session) -> dict[int, str]:
    """The names of COMMENTS by the ids of their responses."""
    language = {"german": "de", "hindi": "hi", "chinese": "zh", "cafe": "es"}
    return {
        make_read(session, comment=text, comment_language=language.get(name, "en"), locale="en").id: name
        for name, text in COMMENTS.items()
    }


QUERIES: dict[str, set[str]] = {
    "support": {"slow", "praise"},
    "SUPPORT slow": {"slow"},
    "export": {"slow", "praise"},
    "failed exported": {"slow"},
    "not": {"slow", "praise"},
    '"not good"': {"slow"},
    '"good not"': {"praise"},
    '"exports keep failing"': {"slow"},
    '"export"': set(),
    "exp*": {"slow", "praise"},
    "expo* -fast": {"slow"},
    'support -"not good"': {"praise"},
    "it's": {"slow"},
    "cafe": {"cafe"},
    "PRO\u0301XIMO": {"cafe"},
    "strasse": {"cafe"},
    "dana.whitfield@harrowfinch.example": {"mail"},
    "harrowfinch": {"mail"},
    "whit*": {"mail"},
    "Rechnung": {"german"},
    "हिन्दी": {"hindi"},
    "客服很慢": {"chinese"},
    "导出*": {"chinese"},
    "导出失败": {"chinese"},
    "-support": set(),
    "": set(),
    "***": set(),
    '"': set(),
    "support OR": set(),
    "NEAR(support slow)": set(),
    "words : support": set(),
    "^support": {"slow", "praise"},
    "supp:*ort": set(),
    "\0support\0": {"slow", "praise"},
    "👍": set(),
    "support " * 2000: {"slow", "praise"},
    "x" * 10_000: set(),
    "'; DROP TABLE comment_search; --": set(),
    "(((": set(),
    "%s :id \\": set(),
}


def test_a_query_finds_what_it_says(session: Session, comments: dict[int, str]) -> None:
    assert {query: {comments[one] for one in found(session, query)} for query in QUERIES} == QUERIES


def test_hits_come_newest_first_and_page_by_page(session: Session) -> None:
    hours = [5, 1, 4, 2, 3]
    ids = {make_read(session, comment="slow", created_at=NOON - timedelta(hours=n)).id: n for n in hours}
    make_read(session, comment="fast", created_at=NOON)
    assert [ids[one] for one in found(session, "slow")] == [1, 2, 3, 4, 5]
    pages, after = [], None
    connection = session.connection()
    while page := index.newest(connection, Kind.COMMENT, Query.read("slow"), after=after, limit=2):
        pages.append([ids[one] for one in page])
        after = page[-1]
    assert pages == [[1, 2], [3, 4], [5]]
    assert index.newest(connection, Kind.COMMENT, Query.read("slow"), after=2**31 - 1, limit=2) == []


def test_a_rare_word_is_found_far_behind_the_newest(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "PROBED", 2)
    monkeypatch.setattr(index, "COMMON", 2)
    rows = [(n, "rare" if n in (7, 8) else "slow" if n % 2 else "fast") for n in range(9)]
    ids = {
        make_read(session, comment=f"so {word}", created_at=NOON - timedelta(hours=n)).id: n
        for n, word in rows
    }
    wanted = {
        "rare": [7, 8],
        "slow": [1, 3, 5],
        "fast": [0, 2, 4, 6],
        '"so rare"': [7, 8],
        '"so slow"': [1, 3, 5],
    }
    for typed, hours in wanted.items():
        for limit in (1, 2, 3, 9):
            some = index.newest(session.connection(), Kind.COMMENT, Query.read(typed), limit=limit)
            assert [ids[one] for one in some] == hours[:limit]


def test_a_comment_is_found_once_the_tagger_has_read_it(session: Session) -> None:
    it = make_response(session, comment="slow export")
    assert found(session, "slow") == []
    with transaction(session):
        session.execute(update(Response).values(tagged_at=NOON, tagger="some 1"))
    assert found(session, "slow") == [it.id]
    assert tag_again(session) == 1
    assert found(session, "slow") == [it.id]  # until it has been read anew, too
    with transaction(session):
        session.execute(update(Response).values(dict.fromkeys(TAG_COLUMNS) | {"comment": "quick import"}))
    assert (found(session, "slow"), found(session, "quick")) == ([], [])


def test_an_edited_comment_is_found_by_its_new_words_alone(session: Session) -> None:
    it = make_read(session, comment="slow export")
    with transaction(session):
        session.execute(update(Response).where(Response.id == it.id).values(comment="quick import"))
    assert (found(session, "slow"), found(session, "import")) == ([], [it.id])
    with transaction(session):
        session.execute(update(Response).values(comment=""))
    assert found(session, "import") == []
    with transaction(session):
        session.execute(update(Response).values(comment="at last"))
    assert found(session, "last") == [it.id]


def test_an_answer_that_replaces_an_earlier_one_is_followed(session: Session) -> None:
    it = make_read(session, comment="slow export", nonce="n")
    row = {name: getattr(it, name) for name in Response.__table__.columns.keys() if name != "id"}  # noqa: SIM118
    again = insert_into(session, Response).values(row | {"permalink": "p", "comment": "quick import"})
    with transaction(session):
        session.execute(
            again.on_conflict_do_update(index_elements=["nonce"], set_={"comment": again.excluded.comment})
        )
    assert (found(session, "slow"), found(session, "quick")) == ([], [it.id])


def test_what_the_tagger_says_of_the_language_decides_on_the_stems(session: Session, now: Any) -> None:
    it = make_read(session, comment="Die Rechnungen waren falsch", locale="en")
    add_note(session, it.id, "Zwei Rechnungen geschickt", user_id=None, now=now)
    note = session.scalars(select(Note.id)).one()
    assert (found(session, "rechnung"), found(session, "rechnung", Kind.NOTE)) == ([], [])
    with transaction(session):
        session.execute(update(Response).values(comment_language="de"))
    assert (found(session, "rechnung"), found(session, "rechnung", Kind.NOTE)) == ([it.id], [note])


def test_notes_are_found_until_they_go(session: Session, now: Any) -> None:
    it = make_read(session, comment="ok")
    add_note(session, it.id, "Called them twice", user_id=None, now=now)
    note = session.scalars(select(Note.id)).one()
    assert found(session, "call", Kind.NOTE) == [note]
    with transaction(session):
        session.execute(update(Note).values(text="Wrote to them"))
    assert (found(session, "call", Kind.NOTE), found(session, "wrote", Kind.NOTE)) == ([], [note])
    with transaction(session):
        session.execute(delete(Response))
    assert (found(session, "wrote", Kind.NOTE), found(session, "ok")) == ([], [])


def test_bulk_statements_are_followed(session: Session) -> None:
    it = make_read(session, comment="first")
    row = {name: getattr(it, name) for name in Response.__table__.columns.keys()}  # noqa: SIM118 - of a collection
    rows = [row | {"id": it.id + n, "permalink": f"{n:032}", "comment": f"bulk {n}"} for n in range(1, 4)]
    with transaction(session):
        session.connection().execute(insert(Response), rows)
    assert found(session, "bulk") == [it.id + 3, it.id + 2, it.id + 1]
    assert found(session, "bulk 2") == [it.id + 2]
    with transaction(session):
        session.execute(delete(Response).where(Response.id > it.id))
    assert found(session, "bulk") == []


def test_a_person_is_found_by_the_name_they_have_now(session: Session) -> None:
    dana = make_person(session, name="Dana Whitfield", email="dana@harrow.example")
    make_person(session, name="", email=None, phone_number="+4930123456")
    assert found(session, "whitfield harrow", Kind.PERSON) == [dana.id]
    with transaction(session):
        session.execute(update(Person).where(Person.id == dana.id).values(name="Dana Müller", email=None))
    assert (found(session, "whitfield", Kind.PERSON), found(session, "harrow", Kind.PERSON)) == ([], [])
    assert found(session, "muller", Kind.PERSON) == [dana.id]


def test_an_erased_person_is_not_found(session: Session, tmp_path: Path, now: Any) -> None:
    dana = make_person(session, name="Dana Quillfeather", email="zyxoval@harrow.example")
    hers = make_read(session, person_id=dana.id, comment="My zebroid invoice")
    other = make_read(session, comment="Ask zyxoval@harrow.example")
    add_note(session, hers.id, "Quillfeather called", user_id=None, now=now)
    sought = [(word, kind) for word in ("zebroid", "zyxoval", "quillfeather") for kind in Kind]
    assert [len(found(session, *one)) for one in sought] == [1, 0, 0, 1, 0, 1, 0, 1, 1]
    erase_person(session, dana.id, vault=current_app.extensions["feedback_vault"], now=now)
    assert [found(session, *one) for one in sought] == [[]] * 9
    assert found(session, "ask erased") == [other.id]
    if db.engine.dialect.name == "sqlite":
        assert [word for word in (b"zebroid", b"quillfeather") if word in bytes_kept(tmp_path)] == []


@pytest.mark.only("sqlite")
def test_purging_leaves_no_bytes_of_what_was_deleted(session: Session, tmp_path: Path) -> None:
    gone = make_read(session, comment="zebroid things")
    stays = make_read(session, comment="quadruped things")
    with transaction(session):
        session.execute(delete(Response).where(Response.id == gone.id))
    index.purge(session)
    kept_bytes = bytes_kept(tmp_path)
    assert (b"zebroid" in kept_bytes, b"quadruped" in kept_bytes) == (False, True)
    assert found(session, "things") == [stays.id]


def bytes_kept(folder: Path) -> bytes:
    """What the file of the database holds once its log is written back."""
    db.session.rollback()
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return (folder / "feedback.db").read_bytes()


def kept(session: Session) -> list[Any]:
    """Everything that the index holds."""
    postgresql = session.get_bind().dialect.name == "postgresql"
    columns = "row_id, created_at, document" if postgresql else "rowid, words, stems"
    rows = [
        tuple(row)
        for it in INDEXED.values()
        for row in session.connection().exec_driver_sql(f"SELECT {columns} FROM {it.index} ORDER BY 1")
    ]
    session.rollback()
    return rows


def test_the_index_holds_what_building_it_anew_gives(session: Session, now: Any) -> None:
    chance = random.Random(5)
    words = ["slow", "exports", "Größe", "falling", "", "don't", "naïve"]
    ids = [make_read(session, comment="first").id for _ in range(6)]
    people = [make_person(session, name="Ada").id for _ in range(3)]
    add_note(session, ids[0], "falling", user_id=None, now=now)
    for _ in range(30):
        it, text = chance.choice(ids), " ".join(chance.choices(words, k=chance.randrange(3)))
        language = chance.choice(["de", "en", "xx", None])
        at = now + timedelta(days=chance.randrange(-40_000, 40_000))
        change: Any = chance.choice(
            [
                update(Response).where(Response.id == it).values(comment=text),
                update(Response).where(Response.id == it).values(comment_language=language),
                update(Response).where(Response.id == it).values(created_at=at, locale="fr"),
                update(Response).where(Response.id == it).values(tagged_at=None),
                update(Response).where(Response.id == it).values(tagger=chance.choice(["some 1", None])),
                update(Person).where(Person.id == chance.choice(people)).values(name=text),
                delete(Note).where(Note.id == 1),
                insert(Note).values(response_id=it, text=text or "x", author_name="", created_at=at),
            ]
        )
        with transaction(session):
            session.execute(change)
    was = kept(session)
    with transaction(session):
        assert [tables.wanting(session.connection(), kind) for kind in Kind] == [0, 0, 0]
        tables.rebuild(session.connection())
    assert kept(session) == was


def test_no_trigger_has_been_lost_by_a_later_migration(session: Session) -> None:
    connection = session.connection()
    assert tables.missing_triggers(connection) == []
    name = "comment_search_update"
    on = " ON response" if connection.dialect.name == "postgresql" else ""
    with transaction(session):
        session.connection().exec_driver_sql(f"DROP TRIGGER {name}{on}")
        assert tables.missing_triggers(session.connection()) == [name]
        tables.add_triggers(session.connection())
        assert tables.missing_triggers(session.connection()) == []
