"""What is read out of a file of responses of any tool; none of this needs a database."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO

import pytest

from feedback_app.cli.past_responses import changed
from feedback_app.imports.answers.columns import SYNONYMS_OF_RESPONSES, problems
from feedback_app.imports.answers.reading import ResponseReader, ResponsesFile, Times
from feedback_app.imports.answers.storing import Incoming
from feedback_app.imports.columns import Field, heading_key
from feedback_app.imports.delighted.answers import AnswerRead
from feedback_app.imports.delighted.storing import Target
from feedback_app.imports.delighted.tables import Source
from feedback_app.imports.values import RowRejected
from feedback_app.scales import Scale
from tests.conftest import NOON

NPS = Target(1, Scale(0, 10), UTC)
PARIS_IN_WINTER = timezone(timedelta(hours=1))
TEN = datetime(2026, 1, 10, 10, 0, tzinfo=UTC)


def file_of(text: str, **changes: Field) -> ResponsesFile:
    file = ResponsesFile.scanned(Source("old.csv", lambda: BytesIO(text.encode())))
    file.planned(changes)
    return file


def problems_of(text: str, **changes: Field) -> list[str]:
    file = file_of(text)
    return problems(file.planned(changes), file.sample)


@pytest.fixture
def times() -> Iterator[Times]:
    with closing(Times()) as made:
        yield made


def answers(text: str, times: Times, **changes: Field) -> list[AnswerRead]:
    file = file_of(text, **changes)
    zone = file.planned(changes).zone(PARIS_IN_WINTER)
    reader = ResponseReader(file, NPS, zone, times, now=NOON)
    return [reader.read(row) for row in file.read()]


def test_no_heading_means_two_things() -> None:
    said = [word for words in SYNONYMS_OF_RESPONSES.values() for word in words]
    assert sorted(said) == sorted(set(said))
    assert all(heading_key(word) == word for word in said)


@pytest.mark.parametrize(
    "headings",
    [
        "Rating,Verbatim,Customer email,Full name,Submitted at,Survey,Language",
        "Bewertung,Kommentar,E-Mail-Adresse,Kundenname,Antwortdatum,Umfrage,Sprache",
        "Puntuación,Comentario,Correo electrónico,Nombre completo,Fecha de respuesta,Encuesta,Idioma",
        "Note,Commentaire,Adresse e-mail,Nom complet,Date de réponse,Enquête,Langue",
    ],
)
def test_columns_are_known_by_their_headings_in_four_languages(headings: str) -> None:
    file = file_of(f"{headings},Plan\n9,Good,ana@x.example,Ana,2026-01-10,NPS,de,Pro\n")
    assert list(file.meaning.values()) == [
        "score", "comment", "email", "name", "created_at", "survey", "locale", "property",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "id,score,email,first name,last name,date,language,Plan\n"
        "7,9,Ana@X.example,Ana,Lind,2026-01-10 11:00,german,Pro\n",
        '[{"id": 7, "score": 9, "email": "Ana@X.example", "name": "Ana Lind",\n"date": 1768039200, "language": "de",\n'
        '"Plan": "Pro"}]',
        '{"id": 7, "score": 9, "email": "Ana@X.example", "name": "Ana Lind", "date": "2026-01-10T10:00:00Z", '
        '"language": "de", "Plan": "Pro"}\n',
    ],
)
def test_every_shape_says_the_same(text: str, times: Times) -> None:
    (answer,) = answers(text, times)
    assert (answer.rating, answer.email_key, answer.name) == (9, "ana@x.example", "Ana Lind")
    assert (answer.created_at, answer.locale, answer.properties) == (TEN, "de", {"Plan": "Pro"})
    assert answer.external_id == "import:7@1768039200"


def test_a_heading_may_say_that_its_times_are_in_utc(times: Times) -> None:
    (answer,) = answers("score,Submit Date (UTC)\n9,2026-01-10 10:00\n", times)
    assert answer.created_at == TEN


def test_two_tools_may_both_count_their_responses_from_one(times: Times) -> None:
    one, other = answers("id,score,date\n1,9,2026-01-10\n1,4,2026-01-11\n", times)
    assert one.external_id != other.external_id


def test_nameless_answers_that_say_the_same_are_two_and_known_again(times: Times) -> None:
    text = "score,date\n9,2026-01-10\n9,2026-01-10\n"
    first, second = [answer.external_id for answer in answers(text, times)]
    assert first != second
    with closing(Times()) as anew:
        assert [answer.external_id for answer in answers(text, anew)] == [first, second]


def test_who_gave_a_nameless_answer_is_kept_as_its_properties(times: Times) -> None:
    (answer,) = answers("score,date,Name,Company\n9,2026-01-10,Ana,Acme\n", times)
    assert answer.properties == {"Name": "Ana", "Company": "Acme"}


def test_a_row_is_rejected_with_every_reason() -> None:
    text = "score,date,email,language\n12,2026-31-10,nobody,Klingon tongue\n"
    with closing(Incoming(file_of(text), {}, NPS, UTC, now=NOON)) as rows:
        (batch,) = rows.batches()
    assert [reject.line for reject in batch.rejects] == [2]
    assert batch.rejects[0].reason.splitlines() == [
        "Column “score”: The score 12 is not between 0 and 10.",
        "Column “date”: “2026-31-10” is not a date; write it like 2026-12-31.",
        "Column “email”: “nobody” is not an e-mail address.",
        "Column “language”: “Klingon tongue” is not a language; write its code, for example de or pt-BR.",
    ]


def test_a_score_is_checked_against_the_survey_that_its_row_names() -> None:
    text = "survey,score,date\nnps,9,2026-01-10\nCSAT,9,2026-01-10\ncsat,5,2026-01-10\nother,9,2026-01-10\n"
    targets = {"nps": NPS, "csat": Target(2, Scale(1, 5), UTC)}
    with closing(Incoming(file_of(text), targets, None, UTC, now=NOON)) as rows:
        (batch,) = rows.batches()
    assert {target.survey_id: len(read.wanted) for target, read in batch.answers} == {1: 1, 2: 1}
    assert [(reject.line, reject.reason) for reject in batch.rejects] == [
        (3, "Column “score”: The score 9 is not between 1 and 5."),
        (5, "Column “survey”: There is no survey “other” here."),
    ]
    assert (batch.tally.rows, batch.tally.rejected) == (4, 2)


OURS = "id,person_id,survey_type,score,comment,created_at,feedback_band,feedback_state,feedback_locale,properties: id\n"


def test_our_own_export_is_known_and_its_cells_are_what_they_were(times: Times) -> None:
    (answer,) = answers(f"{OURS}5,3,nps,9,'=1+1,2026-01-10T10:00:00Z,promoter,confirmed,fr,=A7\n", times)
    assert (answer.comment, answer.locale, answer.person_ref) == ("=1+1", "fr", "")
    assert answer.properties == {"id": "=A7"}


def test_what_does_not_count_there_does_not_count_here(times: Times) -> None:
    with pytest.raises(RowRejected, match="no sign of a human"):
        answers(f"{OURS}5,3,nps,9,,2026-01-10T10:00:00Z,promoter,suspect,en,\n", times)


def test_what_is_chosen_by_hand_goes_before_what_is_found() -> None:
    file = file_of("Score,NPS,Date\n3,9,2026-01-10\n", NPS=Field.SCORE)
    assert file.meaning == {"Score": "property", "NPS": "score", "Date": "created_at"}


def test_a_survey_that_is_named_for_all_rows_goes_before_what_they_say() -> None:
    sample = file_of("Survey,Score,Date\nOld name,9,2026-01-10\n").sample
    assert changed(sample, [], [], "relation") == {"Survey": "ignore"}
    assert changed(sample, [], [], None) == {}


@pytest.mark.parametrize(
    ("text", "changes", "said"),
    [
        ("a,date\n9,2026-01-10\n", {}, "No column is the score"),
        ("score,a\n9,2026-01-10\n", {}, "No column is when it was answered"),
        (
            "score,date,a\n9,2026-01-10,8\n",
            {"a": Field.SCORE, "date": Field.SCORE},
            "Two columns are “Score”",
        ),
        (
            "score,date\n9,03/04/2026 10:00\n",
            {},
            "“date” has dates such as 03/04/2026 10:00; say with --dates",
        ),
    ],
)
def test_what_must_be_decided_first_is_said(text: str, changes: dict[str, Field], said: str) -> None:
    assert any(problem.startswith(said) for problem in problems_of(text, **changes))


def test_one_clear_date_tells_the_order_of_all() -> None:
    assert problems_of("score,date\n9,03/04/2026\n8,25/04/2026\n") == []
