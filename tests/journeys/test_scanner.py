"""Link scanners open everything and answer nothing, unsubscribe nobody, and leave the person's way free."""

import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import Engine, create_engine, text

from tests.installation import Installation
from tests.journeys.helpdesk import Helpdesk, links_of, mail_to, rating_link

IDLE_SECONDS = 8  # past the five seconds after which the page may send an unconfirmed rating


@pytest.fixture(scope="module")
def engine(installation: Installation) -> Iterator[Engine]:
    made = create_engine(installation.database_url)
    yield made
    made.dispose()


def counted(engine: Engine, query: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(query)).scalar_one())


def opened(url: str, method: str) -> int:
    request = urllib.request.Request(url, method=method, headers={"User-Agent": "link scanner"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


@pytest.mark.browser
def test_a_scanner_changes_nothing_and_the_person_can_still_answer(
    installation: Installation, engine: Engine, page: Page, browsing: BrowserContext
) -> None:
    slug = installation.printed(
        "surveys", "add", "--metric", "nps", "--name", "Scanned", "--brand", "Northlight"
    )
    desk = Helpdesk.connected(installation, slug)
    assert desk.close_case("scan-1", "scanned@harrowfinch.example") == 200
    mail = mail_to(installation, "scanned@harrowfinch.example")
    found = links_of(mail) + [part.strip("<> ") for part in dict(mail.headers)["List-Unsubscribe"].split(",")]

    for link in found:
        for method in ("GET", "HEAD", "OPTIONS"):
            assert opened(link, method) < 500
    for link in dict.fromkeys(link.split("?")[0] for link in found):
        page.goto(link)
        for further in page.locator("a").evaluate_all("links => links.map(link => link.href)"):
            assert opened(further, "GET") < 500
    page.goto(rating_link(mail, 9))
    page.wait_for_timeout(IDLE_SECONDS * 1000)

    assert counted(engine, "SELECT count(*) FROM response WHERE state = 'confirmed'") == 0
    assert counted(engine, "SELECT count(*) FROM suppression") == 0
    assert counted(engine, "SELECT count(*) FROM invitation WHERE answered_at IS NOT NULL") == 0

    person = browsing.new_page()
    person.goto(rating_link(mail, 7))
    person.get_by_role("textbox").fill("Good, could be faster.")
    person.get_by_role("button", name="Send").click()
    person.wait_for_url("**/thanks")
    expect(person.get_by_role("heading", level=1)).to_be_visible()
    assert counted(engine, "SELECT count(*) FROM response WHERE state = 'confirmed' AND rating = 7") == 1


@pytest.mark.browser
def test_unsubscribing_asks_first_and_then_no_mail_follows(
    installation: Installation, engine: Engine, page: Page
) -> None:
    slug = installation.printed(
        "surveys", "add", "--metric", "csat", "--name", "Leaving", "--brand", "Northlight"
    )
    desk = Helpdesk.connected(installation, slug)
    assert desk.close_case("leave-1", "leaving@harrowfinch.example") == 200
    mail = mail_to(installation, "leaving@harrowfinch.example")
    page.goto(next(link for link in links_of(mail) if "/u/" in link))
    assert counted(engine, "SELECT count(*) FROM suppression") == 0
    page.get_by_role("button").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert counted(engine, "SELECT count(*) FROM suppression") == 1

    assert desk.close_case("leave-2", "Leaving@HarrowFinch.example") == 200
    page.wait_for_timeout(3000)
    outcome = "SELECT count(*) FROM ledger_entry WHERE outcome = 'unsubscribed'"
    assert counted(engine, outcome) == 1
    assert counted(engine, "SELECT count(*) FROM invitation") == counted(
        engine, "SELECT count(*) FROM ledger_entry WHERE outcome = 'invited'"
    )
