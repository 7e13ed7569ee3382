import json

from hypothesis import given
from hypothesis import strategies as st

from feedback_app.sentiment import Evidence, Reason, Tag
from feedback_app.sentiment.answers import answer

NUMBERS = st.floats(-1, 1) | st.none() | st.sampled_from([0, 1, -0.0, 1e-7, 2.5])
EVIDENCE = st.builds(Evidence, st.integers(0, 5_000), st.integers(0, 5_000), st.text(max_size=9), NUMBERS)
TAGS = st.builds(
    Tag,
    tagger=st.text(max_size=9),
    version=st.text(max_size=9),
    label=st.sampled_from(["negative", "neutral", "positive", None]),
    polarity=NUMBERS,
    subjectivity=NUMBERS,
    confidence=NUMBERS,
    language=st.sampled_from(["en", "", None]),
    evidence=st.lists(EVIDENCE, max_size=3).map(tuple),
    reason=st.sampled_from([None, *Reason]),
)
REQUESTS = st.dictionaries(
    st.text(max_size=5) | st.sampled_from(["id", "label", "source", "version"]),
    st.integers() | st.text(max_size=5),
)


@given(TAGS, REQUESTS)
def test_every_answer_is_what_json_makes_of_the_request_with_its_tag(tag, request):
    source = "words" if tag.label and not tag.reason else None
    maker = {"tagger": tag.tagger, "version": tag.version}
    verdict = {key: value for key, value in tag.as_dict().items() if key not in maker}
    assert answer(tag, request) == json.dumps(request | verdict | {"source": source} | maker)
