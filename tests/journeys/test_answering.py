"""Answering: by a tap, by keyboard, without scripts; on a phone, in one's own language."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import Engine, create_engine, text

from tests.installation import Installation, wait_for
from tests.journeys.helpdesk import Helpdesk, mail_to, rating_link

pytestmark = [
    pytest.mark.browser,
    # One database is enough for what a browser shows; test_the_loop.py goes all the way on both.
    pytest.mark.parametrize("installation", ["sqlite"], indirect=True),
]
_numbers = iter(range(1, 1000))


@pytest.fixture(scope="module")
def desk(installation: Installation) -> Helpdesk:
    slug = installation.printed(
        "surveys", "add", "--metric", "nps", "--name", "Relationship", "--brand", "Northlight"
    )
    return Helpdesk.connected(installation, slug)


@pytest.fixture(scope="module")
def engine(installation: Installation) -> Iterator[Engine]:
    made = create_engine(installation.database_url)
    yield made
    made.dispose()


@pytest.fixture
def link(installation: Installation, desk: Helpdesk) -> str:
    """A fresh customer's link with 9 tapped in the mail."""
    email = f"customer{next(_numbers)}@harrowfinch.example"
    assert desk.close_case(email, email) == 200
    return rating_link(mail_to(installation, email), 9)


def answers(engine: Engine, link: str) -> list[tuple[int, str, str]]:
    """Rating, comment and state of the answers to this link's invitation."""
    invitation = int(link.split("/a/")[1].split(".")[0], 16)
    query = text("SELECT rating, comment, state FROM response WHERE invitation_id = :id")
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(query, {"id": invitation})]


def test_one_tap_on_the_page_is_kept_when_the_person_leaves(page: Page, link: str, engine: Engine) -> None:
    page.goto(link)
    page.locator("label:has(input[value='10'])").click()
    wait_for(lambda: answers(engine, link), seconds=5, what="the tap to be saved")
    page.close()
    assert answers(engine, link) == [(10, "", "confirmed")]


def test_a_tap_in_the_mail_counts_with_the_first_touch_of_the_page(
    page: Page, link: str, engine: Engine
) -> None:
    page.goto(link)
    page.locator("h1").click()
    wait_for(lambda: answers(engine, link), seconds=5, what="the rating to be saved")
    assert answers(engine, link) == [(9, "", "confirmed")]


def test_the_keyboard_alone_is_enough(page: Page, link: str, engine: Engine) -> None:
    page.goto(link.split("?")[0])
    page.keyboard.press("Tab")
    page.keyboard.press("3")
    page.keyboard.press("Tab")
    page.keyboard.type("Too slow on Mondays.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/thanks")
    assert answers(engine, link) == [(3, "Too slow on Mondays.", "confirmed")]


def test_the_follow_up_question_fits_the_rating(page: Page, link: str) -> None:
    page.goto(link)
    expect(page.get_by_text("What do you value most about Northlight?")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("2")
    expect(page.get_by_text("What do you value most about Northlight?")).to_be_hidden()
    expect(page.get_by_text("What is the main reason for your score?")).to_be_visible()


def test_it_works_without_scripts(chromium: Browser, link: str, engine: Engine) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto(link)
    page.get_by_role("textbox").fill("Läuft. ✓")
    page.get_by_role("button", name="Send").click()
    expect(page).to_have_url(re.compile("/thanks$"))
    assert answers(engine, link) == [(9, "Läuft. ✓", "confirmed")]
    context.close()


def test_nothing_is_wider_than_a_small_phone_and_targets_are_big(chromium: Browser, link: str) -> None:
    context = chromium.new_context(viewport={"width": 320, "height": 640}, has_touch=True)
    page = context.new_page()
    page.goto(link)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    for cell in page.locator("label:has(input[type=radio])").all():
        box = cell.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["width"] >= 40
    context.close()


def test_the_page_is_one_request(page: Page, link: str) -> None:
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(link)
    page.wait_for_load_state("networkidle")
    assert requested == [link]


@pytest.mark.parametrize(
    ("locale", "question"),
    [
        ("de-DE", "Wie wahrscheinlich"),
        ("es-ES", "recomiende"),
        ("fr-FR", "recommand"),
        ("en-GB", "How likely"),
        ("ja-JP", "How likely"),
    ],
)
def test_the_browser_says_the_language_when_the_person_does_not(
    chromium: Browser, link: str, locale: str, question: str
) -> None:
    context = chromium.new_context(locale=locale)
    page = context.new_page()
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_contain_text(question)
    context.close()


def test_answering_again_in_time_replaces_the_answer(page: Page, link: str, engine: Engine) -> None:
    for rating, words in ((2, "Bad day."), (8, "Sorry, it is fine.")):
        page.goto(link.split("?")[0] + f"?rating={rating}")
        page.get_by_role("textbox").fill(words)
        page.get_by_role("button", name="Send").click()
        page.wait_for_url("**/thanks")
    assert answers(engine, link) == [(8, "Sorry, it is fine.", "confirmed")]


def test_an_open_link_serves_the_same_survey(
    page: Page, installation: Installation, desk: Helpdesk, browsing: BrowserContext
) -> None:
    slug = installation.printed(
        "surveys", "add", "--metric", "csat", "--name", "Kiosk", "--brand", "Northlight"
    )
    page.goto(f"{installation.base_url}/t/{slug}")
    page.locator("label:has(input[type=radio])").nth(4).click()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page).to_have_url(re.compile("thanks"))
