from feedback_app.sentiment.comparing import compare
from feedback_app.tagging.trial import BASE_AND_OWN, OWN
from training.evaluate import Comment
from training.evaluate_learning import Draw, Product, learn, line

SAID = {
    "negative": "the wobbly gromlet broke",
    "neutral": "a gromlet in a box",
    "positive": "the gromlet sparkles",
}


def test_what_was_learned_is_measured_on_other_comments():
    comments = [Comment(f"{text} {n}", label) for n in range(60) for label, text in SAID.items()]
    found = learn(Product("some", "en", (), others=30, draws=1), comments[30:], comments[:30], 100, seed=1)
    assert found.learned.macro_f1 == 1
    assert found.shipped.macro_f1 < 1
    assert sum(sum(row.values()) for row in found.learned.confusion.values()) == 30


def test_a_row_has_the_means_of_its_draws():
    both = compare(["negative", "positive"], ["negative", "negative"], ["negative", "positive"])
    drawn = [
        Draw(both.before, both.after, OWN, True),
        Draw(both.after, both.after, BASE_AND_OWN, False),
        Draw(both.before, both.after, OWN, True),
    ]
    assert line(drawn) == "0.667, 0.556 | 1.000, 1.000 | own alone (2), shipped and own (1) | 2 of 3"
