import json

import pytest

from feedback_app.sentiment import Evidence, Reason, Tag

JUDGED = Tag(
    tagger="textblob",
    version="1",
    label="negative",
    polarity=-0.35,
    subjectivity=0.6,
    language="en",
    evidence=(Evidence(0, 8, "not good", -0.35),),
)
UNREAD = Tag(tagger="textblob", version="1", language="de", reason=Reason.LANGUAGE)


def test_a_tag_is_plain_json_with_the_verdict_first():
    assert json.dumps(JUDGED.as_dict()) == (
        '{"label": "negative", "polarity": -0.35, "subjectivity": 0.6, "confidence": null, "language": "en", '
        '"evidence": [{"start": 0, "end": 8, "word": "not good", "weight": -0.35}], "reason": null, '
        '"tagger": "textblob", "version": "1"}'
    )


@pytest.mark.parametrize("tag", [JUDGED, UNREAD])
def test_a_tag_survives_the_way_through_json(tag):
    assert Tag.from_dict(json.loads(json.dumps(tag.as_dict()))) == tag


def test_further_keys_are_ignored_when_a_tag_is_read_back():
    assert Tag.from_dict(UNREAD.as_dict() | {"id": 7}) == UNREAD


def test_an_unknown_reason_is_refused_when_a_tag_is_read_back():
    with pytest.raises(ValueError, match="whim"):
        Tag.from_dict(UNREAD.as_dict() | {"reason": "whim"})


def test_a_tag_cannot_be_changed():
    with pytest.raises(AttributeError):
        JUDGED.label = "positive"
