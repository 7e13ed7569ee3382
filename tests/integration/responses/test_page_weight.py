"""The whole page is one small request, whatever is asked in whatever language."""

import gzip
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback_app.links import Links
from feedback_app.scoring.metrics import METRICS, Metric
from feedback_app.surveys.wording import LANGUAGES
from tests.factories import make_invitation, make_survey

LARGEST = 10 * 1024  # bytes; 5 KB are aimed at


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("measure", METRICS, ids=lambda one: f"{one.key}{one.points}")
def test_the_page_is_one_request_of_five_kilobytes(
    client: FlaskClient, session: Session, links: Links, clock: Any, measure: Metric
) -> None:
    survey = make_survey(session, metric_key=measure.key, points=measure.points)
    invitation = make_invitation(session, survey_id=survey.id)
    for language in LANGUAGES:
        page = client.get(f"/a/{links.answer_token(invitation.id)}?rating=1&lang={language}")
        assert f'lang="{language}"' in page.text
        assert len(gzip.compress(page.data)) + len(str(page.headers)) < LARGEST / 2
        loaded = re.findall(r"""(?:src|href|action|url|@import)\s*[=(]\s*["']?([^"'\s>)]*)""", page.text)
        assert set(loaded) == {"data:,"}
