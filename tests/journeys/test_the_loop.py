"""The main job, in a real browser: a support case closes, a mail goes out, a customer answers, a CSM acts."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.installation import Installation
from tests.journeys.helpdesk import Helpdesk, mail_to, rating_link

pytestmark = pytest.mark.browser


def signed_in(page: Page, installation: Installation, email: str, role: str = "csm") -> None:
    """Sign in by the one-time link that the command prints."""
    page.goto(installation.printed("users", "add", email, "--role", role, "--name", "Marta Lindqvist"))
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{installation.base_url}/")


def test_from_a_closed_case_to_a_tagged_comment_that_a_csm_works_on(
    installation: Installation, page: Page, browsing: BrowserContext
) -> None:
    survey = installation.printed(
        "surveys", "add", "--metric", "ces", "--name", "After support", "--brand", "Northlight"
    )
    desk = Helpdesk.connected(installation, survey)
    assert desk.close_case("84213", "dana.whitfield@harrowfinch.example") == 200

    mail = mail_to(installation, "dana.whitfield@harrowfinch.example")
    customer = browsing.new_page()
    customer.goto(rating_link(mail, 6))
    expect(customer.get_by_role("radio", checked=True)).to_have_value("6")
    customer.get_by_role("textbox").fill("Great help, Priya fixed the invoice at once.")
    customer.get_by_role("button", name="Send").click()
    expect(customer).to_have_url(f"{customer.url.split('?')[0].removesuffix('/thanks')}/thanks")

    signed_in(page, installation, "marta@northlight.example")
    card = page.locator("section, article").filter(has_text="After support").first
    expect(card).to_contain_text("100")
    expect(card).to_contain_text("1 answer")

    page.get_by_role("link", name="Inbox").click()
    line = page.get_by_role("listitem").filter(has_text="Priya fixed the invoice")
    expect(line).to_contain_text("Harrow Finch GmbH")
    expect(line).to_contain_text("Easy")
    for _ in range(20):  # the worker tags it within seconds
        if "Positive" in line.inner_text():
            break
        page.wait_for_timeout(500)
        page.goto(page.url)
    expect(line).to_contain_text("Positive")

    line.get_by_role("link").first.click()
    expect(page.locator("mark").first).to_be_visible()
    page.get_by_role("button", name="Neutral").press("Enter")
    expect(page.get_by_text("corrected by Marta Lindqvist")).to_be_visible()
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_role("button", name="Positive", pressed=True)).to_be_visible()
    page.get_by_label("Status").select_option("closed")
    page.get_by_role("button", name="Set").click()
    expect(page.get_by_role("listitem").filter(has_text="set the status to closed")).to_be_visible()
    page.get_by_label("Add a note").fill("Thanked her and asked for a reference.")
    page.get_by_role("button", name="Add the note").click()
    expect(page.get_by_text("Thanked her and asked for a reference.").first).to_be_visible()
    page.goto(f"{installation.base_url}/inbox?status=closed")
    expect(page.get_by_role("listitem").filter(has_text="Priya fixed the invoice")).to_have_count(1)


def test_filters_live_in_the_address(
    installation: Installation, page: Page, browsing: BrowserContext
) -> None:
    signed_in(page, installation, "tomas@northlight.example")
    page.goto(f"{installation.base_url}/inbox")
    page.get_by_text("Filters").click()
    page.get_by_label("Sentiment").select_option("negative")
    page.locator("details").get_by_role("button", name="Apply").click()
    expect(page).to_have_url(re.compile("sentiment=negative"))
    another = browsing.new_page()
    another.goto(page.url)
    expect(another.get_by_label("Sentiment")).to_have_value("negative")


def test_signing_out_ends_the_session_for_good(
    installation: Installation, page: Page, browsing: BrowserContext
) -> None:
    signed_in(page, installation, "bea@northlight.example", role="lead")
    kept = browsing.cookies()
    page.get_by_text("Marta Lindqvist").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/login"))
    browsing.add_cookies(kept)
    page.goto(f"{installation.base_url}/inbox")
    assert "/login" in page.url


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)  # the same in the browser on both
def test_a_theme_is_tried_while_it_is_typed_and_changed_after_a_question(
    installation: Installation, page: Page
) -> None:
    slug = installation.printed(
        "surveys", "add", "--metric", "nps", "--name", "Themes", "--brand", "Northlight"
    )
    page.goto(f"{installation.base_url}/t/{slug}?rating=2")
    page.get_by_role("textbox").fill("I was charged twice for one seat.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
    signed_in(page, installation, "bea@northlight.example", role="lead")
    page.get_by_role("link", name="Themes").click()
    page.get_by_role("button", name="Use this set").first.click()
    page.get_by_role("link", name="Billing and payment").click()
    finds = page.locator("#preview")
    expect(finds.locator("mark").first).to_have_text("charged twice")

    words = page.get_by_label("Words and phrases")
    words.fill("(seat")
    expect(finds).to_contain_text("Line 1, “(seat”")
    words.fill("nowhere")
    expect(finds).to_contain_text(re.compile("0 would gain the theme, [1-9] would lose it"))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Before “Billing and payment” changes")
    page.get_by_role("button", name="Save and apply it").click()
    expect(page.get_by_text("changed the patterns")).to_be_visible()
    for _ in range(40):  # the worker looks through the older comments within seconds
        page.goto(f"{installation.base_url}/themes")
        if not page.get_by_text("Older comments").count():
            break
        page.wait_for_timeout(500)
    expect(page.get_by_role("row").filter(has_text="Billing and payment")).to_contain_text("0")
