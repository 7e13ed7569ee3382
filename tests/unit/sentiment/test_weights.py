import pytest

from feedback_app.sentiment.weights import STEP, Weights, WeightsDamaged, shipped

WEIGHTS = Weights(
    languages=("en", "de"),
    terms={"good": (-1.5, 2.0), "not good": (1.0, -STEP), "über": (0.0, 127 * STEP)},
    signals=[(0.1234, -0.5)],
    bias=(-0.2, 0.4),
    lexicon={"good": 1.0, "worst": -2.0},
    temperature=0.9,
    about={"sentences": 3},
)


def test_what_is_written_is_read():
    data = WEIGHTS.write()
    found = Weights.read(data)
    assert found.write() == data
    assert (found.languages, found.terms, found.lexicon) == (
        WEIGHTS.languages,
        WEIGHTS.terms,
        WEIGHTS.lexicon,
    )
    assert (found.signals, found.bias) == (WEIGHTS.signals, WEIGHTS.bias)
    assert (found.temperature, found.about) == (0.9, {"sentences": 3})
    assert len(found.fingerprint) == 10


def test_the_order_in_which_terms_were_found_does_not_matter():
    turned = Weights(
        **{name: getattr(WEIGHTS, name) for name in ("languages", "signals", "bias", "temperature", "about")},
        terms=dict(reversed(WEIGHTS.terms.items())),
        lexicon=dict(reversed(WEIGHTS.lexicon.items())),
    )
    assert turned.write() == WEIGHTS.write()


def test_weights_without_a_lexicon_or_terms_can_be_written():
    empty = Weights(("en",), {}, [], (0.0, 0.0), {})
    assert Weights.read(empty.write()).terms == {}


@pytest.mark.parametrize(
    "change",
    [lambda data: data[:-1], lambda data: data[:5], lambda data: data + b"x", lambda data: b"X" + data],
)
def test_damaged_weights_are_refused(change):
    with pytest.raises(WeightsDamaged):
        Weights.read(change(WEIGHTS.write()))


def test_the_shipped_weights_are_small_and_name_their_sources():
    assert 10_000 < len(shipped().write()) < 300_000
    assert shipped().languages == ("en",)
    assert "CC BY 4.0" in " ".join(shipped().about["sources"])
