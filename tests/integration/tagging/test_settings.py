"""/settings/tagging as leads and administrators see it."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.clock import now
from feedback_app.db import transaction
from feedback_app.staff.models import Role
from feedback_app.tagging.learning import learning
from feedback_app.tagging.own_models import Trained, keep_training, model_in_use, models
from tests.factories import make_response, make_survey
from tests.pages import Browser, afresh, signed_in

PAGE = "/settings/tagging/"
pytestmark = pytest.mark.only("sqlite")


def figures() -> dict[str, Any]:
    """Of 40 comments 34 right instead of 26."""
    base = {
        "accuracy": 0.65,
        "accuracy_interval": [0.495, 0.779],
        "macro_f1": 0.6,
        "macro_f1_interval": [0.45, 0.74],
        "f1": {"negative": 0.55, "neutral": 0.5, "positive": 0.75},
        "confusion": {
            "negative": {"negative": 6, "unread": 4},
            "neutral": {"neutral": 10},
            "positive": {"positive": 10, "negative": 10},
        },
    }
    own = {**base, "accuracy": 0.85, "accuracy_interval": [0.709, 0.929], "macro_f1": 0.82}
    return {
        "classes": {"negative": 10, "neutral": 10, "positive": 20},
        "trained": {"negative": 40, "neutral": 40, "positive": 80},
        "own": own,
        "base": base,
        "wins": 0.987,
        "recipe": "own",
        "languages": ["en", "de"],
        "left_out": 7,
    }


def proposed(session: Session, weights: bytes | None = b"weights") -> int:
    with transaction(session):
        made = Trained(weights, trained_on=160, tested_on=40, figures=figures(), base="lexigram 1")
        return keep_training(session, made, now=now())


@pytest.fixture
def admin(app: Flask) -> Browser:
    return signed_in(app, Role.ADMIN)


def test_whoever_may_check_tags_blind_finds_it_in_the_menu(app: Flask) -> None:
    roles = (Role.VIEWER, Role.CSM, Role.LEAD)
    menus = [signed_in(app, role).get("/inbox").text.partition("</header>")[0] for role in roles]
    assert ['href="/tagging/check"' in menu for menu in menus] == [False, True, True]
    assert ['href="/settings/tagging/"' in menu for menu in menus] == [False, False, True]


def test_an_empty_installation_says_what_learning_needs(admin: Browser) -> None:
    page = admin.get(PAGE).text
    assert "Learning is off. It needs 200 comments with a rating, at least 30 of each sentiment." in page
    assert "None: every comment has been read" in page
    assert "Trainings" not in page


def test_switched_on_it_says_how_many_are_missing_of_what(admin: Browser, session: Session) -> None:
    survey = make_survey(session).id
    for rating in (3, 9, 9):
        make_response(session, survey_id=survey, rating=rating, comment="Words")
    assert admin.send(f"{PAGE}learning", on="yes").status_code == 303
    page = " ".join(admin.get(PAGE).text.split())
    assert (
        "197 comments (200 are needed); 29 negative, 30 neutral, 28 positive (30 of each are needed)" in page
    )
    assert "Train now" not in page
    admin.send(f"{PAGE}learning", on="no")
    assert not learning(afresh(session)).on


def test_it_says_who_read_and_what_was_not_read(admin: Browser, session: Session) -> None:
    make_response(session, comment="Good", tagger="lexigram 1", tagged_at=now(), sentiment="positive")
    make_response(
        session, comment="Zu spät", untagged_reason="language", comment_language="de", tagged_at=now()
    )
    make_response(session, comment="Nobody has read it")
    page = admin.get(PAGE).text
    assert "1 comment by lexigram 1" in page
    assert "1 comment in languages it does not read, tagged from the rating: 1 German<" in page
    assert "1 comment to be read" in page
    assert "More than one tagger or version" not in page
    make_response(session, comment="Fine", tagger="lexigram 2", tagged_at=now(), sentiment="positive")
    assert "More than one tagger or version has read them" in admin.get(PAGE).text


def test_a_proposal_is_shown_with_both_figures_and_used(admin: Browser, session: Session) -> None:
    made = proposed(session)
    page = " ".join(admin.get(PAGE).text.split())
    assert (
        "On 40 comments that it had not seen, it was right in 85 % (71 to 93 %), lexigram 1 in 65 % (50 to 78 %)."
        in page
    )
    assert "0.60 (0.45 to 0.74)" in page
    assert "It was higher in 99 % of 1,000 repeated draws" in page
    assert "Reads English, German. 7 in languages with too few comments were left out." in page
    admin.send(f"{PAGE}models/{made}/use")
    assert f"Model own-{made} is in use." in admin.get(PAGE).text
    in_use = model_in_use(afresh(session))
    assert in_use is not None
    assert in_use.id == made


def test_one_goes_back_to_the_shipped_one_and_forward_again(admin: Browser, session: Session) -> None:
    made = proposed(session)
    admin.send(f"{PAGE}models/{made}/use")
    admin.send(f"{PAGE}shipped")
    assert model_in_use(afresh(session)) is None
    assert f"Use own-{made} again" in admin.get(PAGE).text
    admin.send(f"{PAGE}models/{made}/use")
    assert model_in_use(afresh(session)) is not None


def test_a_proposal_is_declined_and_its_figures_stay(admin: Browser, session: Session) -> None:
    made = proposed(session)
    admin.send(f"{PAGE}models/{made}/decline")
    page = admin.get(PAGE).text
    assert "No, thanks" not in page
    assert "Not taken" in page
    assert admin.send(f"{PAGE}models/{made}/use").status_code == 410


def test_weights_that_cannot_be_read_are_told(admin: Browser, session: Session) -> None:
    made = proposed(session, b"not weights at all")
    admin.send(f"{PAGE}models/{made}/use")
    page = admin.get(PAGE).text
    assert f"own-{made} cannot be used" in page


def test_all_own_models_are_forgotten_only_if_it_is_meant(admin: Browser, session: Session) -> None:
    proposed(session)
    refused = admin.send(f"{PAGE}forget")
    assert (refused.status_code, len(models(afresh(session)))) == (422, 1)
    assert "Tick the box if you mean it; nothing was deleted." in refused.text
    admin.send(f"{PAGE}forget", sure="y")
    assert models(afresh(session)) == []


@pytest.mark.parametrize(("role", "status"), [(Role.CSM, 403), (Role.LEAD, 200)])
def test_leads_read_the_page(app: Flask, role: Role, status: int) -> None:
    assert signed_in(app, role).get(PAGE).status_code == status


def test_only_administrators_switch_learning_and_forget(app: Flask, session: Session) -> None:
    proposed(session)
    lead = signed_in(app, Role.LEAD)
    page = lead.get(PAGE).text
    assert "Use it" in page
    assert "Switch learning on" not in page
    assert "Forget all own models" not in page
    for path in ("learning", "train", "forget"):
        assert lead.send(PAGE + path).status_code == 403
