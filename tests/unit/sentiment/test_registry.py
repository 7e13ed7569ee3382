import pytest

from feedback_app.sentiment.registry import DEFAULT, UnknownTagger, tagger, tagger_names


def test_the_default_is_lexigram():
    assert tagger().name == DEFAULT == "lexigram"


def test_a_tagger_is_made_once():
    assert tagger("lexigram") is tagger()


def test_an_unknown_name_is_answered_with_the_names_there_are():
    with pytest.raises(UnknownTagger) as caught:
        tagger("gpt")
    assert str(caught.value) == "There is no tagger called 'gpt'; there are: lexigram, textblob."
    assert (caught.value.name, caught.value.known) == ("gpt", ["lexigram", "textblob"])


@pytest.mark.usefixtures("odd_taggers")
def test_an_installed_package_adds_taggers():
    assert tagger_names() == ["broken", "lexigram", "odd", "stuck", "textblob"]
    assert tagger("odd").tag("anything").label == "neutral"


@pytest.mark.usefixtures("odd_taggers")
def test_a_package_cannot_take_over_a_built_in_name():
    assert tagger("textblob").tag("A great product").label == "positive"


@pytest.mark.usefixtures("odd_taggers")
def test_a_tagger_that_cannot_be_made_says_why_and_is_tried_again():
    for _ in range(2):
        with pytest.raises(RuntimeError, match="no model file"):
            tagger("broken")
