"""axe finds nothing serious on any page, in light and in dark."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.installation import Installation
from tests.journeys.helpdesk import Helpdesk, links_of, mail_to, rating_link
from tests.journeys.test_the_loop import signed_in

pytestmark = [
    pytest.mark.browser,
    # One database is enough for what a browser shows; test_the_loop.py goes all the way on both.
    pytest.mark.parametrize("installation", ["sqlite"], indirect=True),
]
GRAVE = ("serious", "critical")


@pytest.fixture(scope="module", params=["light", "dark"])
def reader(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(color_scheme=request.param, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def grave_findings(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("metric", ["nps", "csat", "thumbs"])
def test_the_answer_page_of_every_metric(installation: Installation, reader: Page, metric: str) -> None:
    slug = installation.printed(
        "surveys", "add", "--metric", metric, "--name", metric, "--brand", "Northlight"
    )
    reader.goto(f"{installation.base_url}/t/{slug}")
    assert grave_findings(reader) == []
    reader.locator("label:has(input[type=radio])").last.click()
    assert grave_findings(reader) == []
    reader.get_by_role("button", name="Send").click()
    reader.wait_for_load_state()
    assert grave_findings(reader) == []


def test_the_pages_of_a_mails_links(installation: Installation, reader: Page) -> None:
    slug = installation.printed("surveys", "add", "--metric", "nps", "--name", "Axe", "--brand", "Northlight")
    desk = Helpdesk.connected(installation, slug)
    email = f"axe-{slug}@harrowfinch.example"
    assert desk.close_case(slug, email) == 200
    mail = mail_to(installation, email)
    for link in (rating_link(mail, 3), next(link for link in links_of(mail) if "/u/" in link)):
        reader.goto(link)
        assert grave_findings(reader) == []
    reader.goto(f"{installation.base_url}/a/not-a-token")
    assert grave_findings(reader) == []


def test_the_staff_pages(installation: Installation, reader: Page) -> None:
    reader.goto(f"{installation.base_url}/login")
    assert grave_findings(reader) == []
    signed_in(reader, installation, "axe@northlight.example", role="admin")
    people = (
        "/people",
        "/people/new",
        "/people/lists",
        "/people/suppressions",
        "/people/import",
        "/accounts",
    )
    asking = (
        "/surveys",
        "/surveys/new",
        "/triggers",
        "/campaigns",
        "/campaigns/new",
        "/campaigns/recurring/new",
    )
    kept = ("/ledger", "/ledger/events", "/settings/mail", "/settings/sending", "/settings/profile")
    themes = ("/themes", "/themes/new", "/themes/phrases")
    programs = ("/settings/keys", "/settings/webhooks", "/settings/migrate", "/docs/api")
    reading = ("/inbox?look=twice", "/tagging/check", "/settings/tagging")
    for path in ("/", "/inbox", *reading, "/outbox", "/nowhere", *themes, *people, *asking, *kept, *programs):
        reader.goto(installation.base_url + path)
        assert grave_findings(reader) == [], path
    reader.goto(f"{installation.base_url}/inbox")
    lines = reader.locator("#inbox a.open")
    if lines.count():
        lines.first.click()
        assert grave_findings(reader) == []
