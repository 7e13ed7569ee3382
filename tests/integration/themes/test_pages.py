"""The pages of themes: listed with what is said, made from a set or from words, tried, changed and merged by leads."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.clock import now
from feedback_app.staff.models import Role
from feedback_app.themes.models import Theme
from feedback_app.themes.services import add_theme, change_theme
from tests.factories import NOON, give_theme, make_response, make_survey, make_theme
from tests.integration.themes.conftest import make_comment, say, walk
from tests.pages import Browser, afresh, signed_in

pytestmark = pytest.mark.only("sqlite")  # nothing in it differs from database to database


@pytest.fixture
def lead(app: Flask) -> Browser:
    return signed_in(app, Role.LEAD)


def lines_of(browser: Browser, url: str) -> int:
    """How many responses the inbox lists there."""
    return browser.get(url.replace("&amp;", "&")).text.count('class="open"')


def links_in(page: str) -> dict[str, int]:
    """The addresses of the inbox on the page, each with the number that opens it."""
    found = re.findall(r'<a href="(/inbox\?[^"]+)">[^<]*?(\d+)(?: comments?| negative)?</a>', page)
    return {url: int(number) for url, number in found}


def words(page: str) -> str:
    """The page as it is read, with single blanks."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def form_of(page: str) -> dict[str, str]:
    """The fields of a page that asks to confirm."""
    shown = page.split('id="changes"')[1]
    return dict(re.findall(r'<input type="hidden" name="(?!csrf)(\w+)" value="([^"]*)"', shown))


def test_without_themes_the_page_offers_sets_and_one_of_them_is_taken_over(
    session: Session, lead: Browser
) -> None:
    page = lead.get("/themes").text
    assert "Software and its support" in page
    assert "Billing and payment" in page
    answer = lead.send("/themes/starters", set="saas")
    assert answer.status_code == 303
    page = lead.get("/themes").text
    assert "themes are added" in page
    assert (
        page.count("Use this set") == 3
    )  # further sets, and this one for the themes that were renamed since
    lead.send("/themes/starters", set="saas")
    assert "here already; nothing was added" in lead.get("/themes").text
    assert session.scalars(select(Theme.name).where(Theme.name_key == "price and value")).one()


def test_every_number_of_the_list_opens_as_many_comments(session: Session, app: Flask) -> None:
    lately, survey = now() - timedelta(days=3), make_survey(session)
    billing, speed = make_theme(session, name="Billing"), make_theme(session, name="Speed")
    for theme, label, own in (
        (billing, "negative", None),  # as the whole comment
        (billing, "positive", "negative"),  # by its clauses
        (billing, "positive", None),
        (speed, "neutral", None),
    ):
        made = make_comment(session, "Words.", survey_id=survey.id, created_at=lately, sentiment=label)
        give_theme(session, made, theme.id, sentiment=own)
    make_comment(session, "About something else.", survey_id=survey.id, created_at=lately)
    removed = make_comment(session, "Not about billing.", created_at=lately)
    give_theme(session, removed, billing.id, source="person", removed=True)
    old = make_comment(session, "Long ago.", created_at=now() - timedelta(days=200))
    give_theme(session, old, billing.id)
    give_theme(session, make_response(session, comment="Robot.", state="suspect").id, billing.id)

    reader = signed_in(app, Role.VIEWER)
    page = reader.get("/themes?days=90").text
    counted = links_in(page)
    assert sorted(counted.values()) == [
        1,
        1,
        1,
        2,
        2,
        3,
    ]  # neutral, speed; positive; without, negative; billing
    assert {url: lines_of(reader, url) for url in counted} == counted
    assert "Without a theme: 2 comments" in page
    assert "New theme" not in page
    of_survey = links_in(reader.get(f"/themes?days=90&survey={survey.id}").text)
    assert sorted(of_survey.values()) == [1, 1, 1, 1, 2, 3]
    assert {url: lines_of(reader, url) for url in of_survey} == of_survey


def test_a_share_is_told_from_five_comments_on_and_a_change_only_beyond_chance(
    session: Session, lead: Browser
) -> None:
    grown, rare = make_theme(session, name="Grown"), make_theme(session, name="Rare")
    for days, have in ((10, 20), (40, 2)):  # 20 of 25 comments after 2 of 25
        for number in range(25):
            made = make_comment(session, "Words.", created_at=now() - timedelta(days=days))
            if number < have:
                give_theme(session, made, grown.id)
            if number < 2 and days == 10:
                give_theme(session, made, rare.id)
    page = words(lead.get("/themes?days=30").text)
    assert "Grown 20 80 % (61–91) negative: − 0" in page
    assert "▲ Up 72 points" in page
    assert "Rare 2 too few" in page
    assert page.count("▲") + page.count("▼") == 1


def test_a_new_theme_is_tried_and_added(session: Session, lead: Browser) -> None:
    make_comment(session, "They charged me twice for one seat.")
    make_comment(session, "Lovely.")
    typed = {"name": "Billing", "colour": "#d55e00", "patterns": "charged me twice", "active": "y"}
    empty = words(lead.get("/themes/new").text)
    assert "The comments that your words find are shown here." in empty
    assert "of 2 comments" not in empty
    shown = lead.send("/themes/new", what="preview", **typed)
    assert shown.status_code == 200
    assert "<b>1</b> of 2 comments" in shown.text
    assert "<mark>charged me twice</mark>" in shown.text
    added = lead.send("/themes/new", what="save", **typed)
    assert added.status_code == 303
    assert [(one.name, one.colour) for one in afresh(session).scalars(select(Theme))] == [
        ("Billing", "#d55e00")
    ]
    assert "Applied to 0 of 2 comments" in lead.get(str(added.location)).text
    walk(session)
    page = lead.get(str(added.location)).text
    assert "Applied to" not in page
    assert "added the theme" in page


def test_what_is_wrong_is_named_by_its_line_and_nothing_is_lost(session: Session, lead: Browser) -> None:
    typed = {"name": "Billing", "colour": "#d55e00", "patterns": "refund*\n(bad|pattern)", "active": "y"}
    refused = lead.send("/themes/new", what="save", **typed)
    assert refused.status_code == 422
    assert "Line 2, “(bad|pattern)”" in refused.text
    assert "refund*\n(bad|pattern)</textarea>" in refused.text.replace("\r", "")
    part = lead.send("/themes/preview", **typed)
    assert "Line 2" in part.text
    assert "<html" not in part.text
    add_theme(session, "Billing", "invoice", user_id=None, now=NOON)
    taken = lead.send("/themes/new", what="save", **typed | {"name": "billing", "patterns": "refund"})
    assert taken.status_code == 422
    assert "There is a theme called “Billing” already" in taken.text


def test_another_rule_shows_first_what_would_change_and_then_changes_it(
    session: Session, lead: Browser
) -> None:
    theme_id = add_theme(session, "Billing", "invoice", user_id=None, now=NOON)
    make_comment(session, "The invoice is wrong.")
    make_comment(session, "I want a refund.")
    walk(session)
    page = lead.get(f"/themes/{theme_id}").text
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert version
    typed = {
        "name": "Money",
        "colour": "#d55e00",
        "patterns": "refund*",
        "version": version[1],
        "active": "y",
    }
    asked = lead.send(f"/themes/{theme_id}", what="save", **typed)
    assert "1 by the saved patterns: 1 would gain the theme, 1 would lose it" in asked.text
    assert "I want a <mark>refund</mark>." in words(
        asked.text.replace("<mark>", "&").replace("&", "<mark>")
    ) or ("<mark>refund</mark>" in asked.text)
    assert afresh(session).get_one(Theme, theme_id).patterns == "invoice"
    saved = lead.send(f"/themes/{theme_id}", what="confirmed", **form_of(asked.text))
    assert saved.status_code == 303
    theme = afresh(session).get_one(Theme, theme_id)
    assert (theme.name, theme.patterns, theme.active) == ("Money", "refund*", True)
    history = words(lead.get(f"/themes/{theme_id}").text)
    assert "renamed it from “Billing” to “Money” and changed the patterns and changed the colour" in history
    assert "1 added, 1 taken away" in history


def test_somebody_elses_change_meanwhile_is_not_overwritten(session: Session, lead: Browser) -> None:
    theme_id = add_theme(session, "Billing", "invoice", user_id=None, now=NOON)
    change_theme(session, theme_id, patterns="invoice\nbill", user_id=None, now=NOON)
    typed = {"name": "Billing", "colour": "#d55e00", "patterns": "refund", "version": "1", "active": "y"}
    refused = lead.send(f"/themes/{theme_id}", what="confirmed", **typed)
    assert refused.status_code == 422
    assert "Somebody has changed these patterns" in refused.text
    assert afresh(session).get_one(Theme, theme_id).patterns == "invoice\nbill"
    assert "refund</textarea>" in refused.text
    assert "<li>invoice</li><li>bill</li>" in refused.text
    assert 'not saved:</p>\n        <ul class="lines"><li>refund</li></ul>' in refused.text
    seen = dict(typed, version=re.findall(r'name="version" type="hidden" value="(\d+)"', refused.text)[0])
    assert lead.send(f"/themes/{theme_id}", what="confirmed", **seen).status_code == 303
    assert afresh(session).get_one(Theme, theme_id).patterns == "refund"


def test_switched_off_it_is_folded_and_without_a_box_ticked_it_is_switched_off(
    session: Session, lead: Browser
) -> None:
    theme_id = add_theme(session, "Billing", "invoice", user_id=None, now=NOON)
    typed = {"name": "Billing", "colour": "#d55e00", "patterns": "invoice", "version": "1"}
    assert lead.send(f"/themes/{theme_id}", what="save", **typed).status_code == 303
    assert not afresh(session).get_one(Theme, theme_id).active
    assert "1 switched off" in lead.get("/themes").text
    assert "switched it off" in lead.get(f"/themes/{theme_id}").text


def test_merging_says_what_happens_and_links_lead_on(session: Session, lead: Browser) -> None:
    one = add_theme(session, "Invoices", "invoice", user_id=None, now=NOON)
    other = add_theme(session, "Billing", "refund", user_id=None, now=NOON)
    make_comment(session, "The invoice is wrong.")
    walk(session)
    asked = lead.get(f"/themes/{one}/merge?into={other}").text
    assert "Merge “Invoices” into “Billing”?" in asked
    assert "1 comment now about “Invoices”" in words(asked)
    assert lead.send(f"/themes/{one}/merge", into=other).status_code == 303
    walk(session)
    assert lead.get(f"/themes/{one}").location == f"/themes/{other}"
    assert "merged “Invoices” into it (1 comment)" in lead.get(f"/themes/{other}").text
    assert lines_of(lead, f"/inbox?theme={one}") == lines_of(lead, f"/inbox?theme={other}") == 1


def test_themes_with_too_many_patterns_for_one_are_not_offered_to_be_merged(
    session: Session, lead: Browser
) -> None:
    two_hundred = "\n".join(f"word{n}" for n in range(200))
    many = add_theme(session, "Many", two_hundred, user_id=None, now=NOON)
    more = add_theme(session, "More", "another", user_id=None, now=NOON)
    asked = lead.get(f"/themes/{more}/merge?into={many}").text
    assert "they cannot become one theme. A theme has up to 200 patterns, these are 201." in asked
    assert "Merge them" not in asked


def test_peoples_corrections_become_patterns_by_a_link(session: Session, lead: Browser) -> None:
    theme_id = add_theme(session, "Billing", "invoice", user_id=None, now=NOON)
    for place in ("Oslo", "Rome", "Bern"):
        say(session, make_comment(session, f"We still wait for a reimbursement in {place}."), theme_id)
    for number in range(30):
        make_comment(session, f"All is well with number {number}.")
    page = lead.get(f"/themes/{theme_id}").text
    assert "Add this pattern" in page
    assert "reimbursement" in page
    prefilled = lead.get(f"/themes/{theme_id}?add=reimbursement").text
    assert "invoice\nreimbursement</textarea>" in prefilled.replace("\r", "")
    assert session.get_one(Theme, theme_id).patterns == "invoice"


def test_phrases_of_unhappy_customers_become_themes(session: Session, lead: Browser) -> None:
    survey = make_survey(session)
    for number in range(40):
        angry = f"Case {number}: I was charged twice again." if number % 2 else "Rude"
        make_comment(session, angry, survey_id=survey.id, rating=2, created_at=now())
        make_comment(
            session, f"Case {number}: lovely people.", survey_id=survey.id, rating=10, created_at=now()
        )
    page = lead.get("/themes/phrases").text
    assert "charged twice" in page
    assert "<mark>charged twice</mark>" in page
    assert "From 40 comments of unhappy customers and 40 of happy ones" in page
    assert [page.count(f'<th scope="col">{one}</th>') for one in ("Phrase", "Word")] == [1, 1]
    counted = {url: n for url, n in links_in(page).items() if "charged" in url and "band=" in url}
    assert {url: lines_of(lead, url) for url in counted} == counted
    assert list(counted.values()) == [20]
    assert lead.get("/themes/phrases/add?phrase=charged+twice").location == "/themes/new?add=charged+twice"
    made = lead.get("/themes/new?add=charged+twice").text
    assert "charged twice</textarea>" in made
    assert 'value="Charged twice"' in made


def test_where_no_phrase_stands_out_a_longer_period_is_advised_if_there_is_one(
    session: Session, lead: Browser
) -> None:
    make_comment(session, "Bad.", rating=2, created_at=now())
    here = "There is 1 comment of unhappy customers and 0 of happy ones"
    told = [lead.get(f"/themes/phrases?days={days}").text for days in (90, 365)]
    assert [here in page for page in told] == [True, True]
    assert ["choose a longer period" in page for page in told] == [True, False]


def test_those_who_read_see_the_words_and_cannot_change_them(session: Session, app: Flask) -> None:
    theme_id = add_theme(session, "Billing", "invoice", user_id=None, now=NOON)
    csm = signed_in(app, Role.CSM)
    page = csm.get(f"/themes/{theme_id}").text
    assert "<pre>invoice</pre>" in page
    assert "<textarea" not in page
    assert csm.get("/themes/new").status_code == 403
    for url in (f"/themes/{theme_id}", f"/themes/{theme_id}/merge", "/themes/starters", "/themes/preview"):
        assert csm.send(url).status_code == 403


def test_a_viewer_who_sees_names_masked_reads_no_phrases(session: Session, app: Flask) -> None:
    make_theme(session)
    viewer, csm = signed_in(app, Role.VIEWER), signed_in(app, Role.CSM)
    assert [who.get("/themes/phrases").status_code for who in (viewer, csm)] == [403, 200]
    assert ["/themes/phrases" in who.get("/themes").text for who in (viewer, csm)] == [False, True]


def test_home_names_the_themes_that_people_are_unhappy_about(session: Session, app: Flask) -> None:
    reader = signed_in(app, Role.VIEWER)
    assert "What people talk about" not in reader.get("/").text
    quiet, loud = make_theme(session, name="Quiet"), make_theme(session, name="Loud")
    for label in ("negative", "negative", "positive"):
        made = make_comment(session, "Words.", created_at=now() - timedelta(days=1), sentiment=label)
        give_theme(session, made, loud.id)
    give_theme(session, make_comment(session, "Fine.", created_at=now()), quiet.id)
    page = reader.get("/").text
    assert "Loud 2 negative of 3" in words(page)
    assert "Quiet" not in page
    counted = {url: n for url, n in links_in(page).items() if "theme=" in url}
    assert {url: lines_of(reader, url) for url in counted} == counted
    assert sorted(counted.values()) == [2, 3]


def test_a_line_of_the_inbox_shows_its_themes_and_how_they_are_spoken_of(
    session: Session, lead: Browser
) -> None:
    theme = make_theme(session, name="Billing")
    give_theme(session, make_comment(session, "The invoice!"), theme.id, sentiment="negative")
    page = lead.get("/inbox").text
    assert f'class="chip theme bad" href="/inbox?theme={theme.id}"' in page
    assert "Billing − , negative" in words(page)
