import pytest

from feedback_app.sentiment.lexigram import LexigramTagger
from feedback_app.sentiment.training import Example, train
from feedback_app.sentiment.weights import Weights, shipped
from training.train import made_from

GOOD = ["The team is splendid", "A splendid tool", "Splendid, and so quick", "What splendid people"]
BAD = ["The team is dreary", "A dreary tool", "Dreary, and so slow", "What dreary people"]
PLAIN = ["The team is in Oslo", "A tool for Oslo", "Oslo, and some snow", "What people in Oslo"]
EXAMPLES = [
    *(Example(text, "positive") for text in GOOD),
    *(Example(text, "negative") for text in BAD),
    *(Example(text, "neutral") for text in PLAIN),
]


def label(weights: Weights, text: str) -> str | None:
    return LexigramTagger(weights).tag(text).label


def test_words_get_the_label_that_they_came_with():
    weights = train(EXAMPLES * 4)
    assert label(weights, "That was a splendid day for all of us") == "positive"
    assert label(weights, "That was a dreary day for all of us") == "negative"
    assert label(weights, "That was the day when we saw Oslo") == "neutral"


def test_the_same_examples_give_the_same_bytes():
    assert train(EXAMPLES, lexicon={"quick": 1.0}).write() == train(EXAMPLES, lexicon={"quick": 1.0}).write()


def test_a_base_is_kept_where_the_examples_say_nothing_and_moved_where_they_do():
    base = train(EXAMPLES * 4)
    own = [Example("Oslo again and again", "negative"), Example("It is what it is", "positive")]
    moved = train(own * 20, base=base)
    assert label(moved, "That was a splendid day for all of us") == "positive"
    assert label(moved, "That was the day when we saw Oslo") == "negative"
    assert (moved.languages, moved.temperature) == (base.languages, base.temperature)


def test_an_example_of_twice_the_weight_has_the_last_word():
    torn = [Example("It is what it is here", "positive"), Example("It is what it is here", "negative", 2.0)]
    assert label(train(torn * 4), "It is what it is here") == "negative"


def test_a_lexicon_teaches_words_that_no_example_has():
    lexicon = {"splendid": 1.0, "dreary": -1.0, "gorgeous": 1.0}
    assert label(train(EXAMPLES * 8, lexicon=lexicon), "This is a gorgeous place to be") == "positive"


def test_the_languages_are_those_that_are_asked_for():
    assert train(EXAMPLES, languages=("de",)).languages == ("de",)


@pytest.mark.parametrize("examples", [[], EXAMPLES[:1]])
def test_next_to_nothing_can_be_learned_from_too(examples):
    assert Weights.read(train(examples).write()).languages == ("en",)


def test_the_shipped_weights_are_as_new_as_their_data_and_code():
    assert shipped().about["made_from"] == made_from(), (
        "Data or code of the tagger's weights were changed: run `make model`, and commit the file with them."
    )


def test_dropout_teaches_words_that_always_come_together_alike():
    pairs = [Example("zorby glim", "positive"), Example("murk drab", "negative")] * 8
    thinned = train(pairs, dropout=0.5)
    assert thinned == train(pairs, dropout=0.5)  # the same each time
    assert label(thinned, "zorby") == label(thinned, "glim") == "positive"
    assert thinned.terms["zorby"] != train(pairs).terms["zorby"]
