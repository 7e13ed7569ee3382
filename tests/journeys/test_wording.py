"""A lead makes a survey in a browser, rewrites its mail, looks at it unsaved, and sends it to their own mailbox."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.installation import Installation
from tests.journeys.helpdesk import mail_to, rating_link
from tests.journeys.test_accessibility import grave_findings
from tests.journeys.test_the_loop import signed_in

pytestmark = [
    pytest.mark.browser,
    # One database is enough for what a browser shows; test_the_loop.py goes all the way on both.
    pytest.mark.parametrize("installation", ["sqlite"], indirect=True),
]


def test_from_a_new_survey_to_a_test_in_the_own_mailbox(
    installation: Installation, page: Page, browsing: BrowserContext
) -> None:
    signed_in(page, installation, "lena@northlight.example", role="lead")
    page.goto(f"{installation.base_url}/surveys/new")
    page.get_by_label("What to ask").select_option("thumbs2")
    page.get_by_label("Asks about").select_option("support")
    page.get_by_label("Name").fill("After a chat")
    page.get_by_label("Brand").fill("Northlight")
    page.get_by_role("button", name="Make the survey").click()

    page.get_by_role("link", name="Wording").click()
    page.get_by_label("Greeting").fill("Dear {first_name|customer},")
    with browsing.expect_page() as opened:
        page.get_by_role("button", name="Preview without saving").click()
    unsaved = opened.value
    expect(unsaved.frame_locator("iframe").get_by_text("Dear Dana,")).to_be_visible()
    expect(unsaved.frame_locator("iframe").get_by_role("link", name="Yes")).to_be_visible()
    assert grave_findings(unsaved) == []
    unsaved.close()
    expect(page.get_by_label("Greeting")).to_have_value("Dear {first_name|customer},")
    assert grave_findings(page) == []

    page.get_by_role("button", name="Save the wording").click()
    page.get_by_role("link", name="Preview").click()
    page.get_by_role("button", name="Send me this mail").click()
    expect(page.get_by_role("status")).to_contain_text("in the outbox")
    mail = mail_to(installation, "lena@northlight.example")
    assert mail.summary.subject == "[Test] Your request “Export to Excel”: did we help you?"
    assert "Dear Dana," in mail.text

    page.goto(rating_link(mail, 1))
    expect(page.get_by_text("nothing is recorded")).to_be_visible()
    expect(page.get_by_text("What did you like?")).to_be_visible()
    assert grave_findings(page) == []
