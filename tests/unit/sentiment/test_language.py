import pytest

from feedback_app.sentiment.language import detect

ENGLISH = """
Easy to use and the price is fair.
I waited three weeks for a reply and nobody called back.
Support was friendly, but the invoice was wrong again.
Not bad
Great!
Unique
Brilliant
So far so good
OK. Thanks!
The phone loads super fast
GOOD VALUE, EASY TO ORDER
Love this store!
Perfect
@someone it just works, see https://example.org/hilfe
Super
A good start, a horrible end
""".strip().splitlines()

FOREIGN = {
    "Sehr gut, danke!": "de",
    "Leider warte ich seit drei Wochen auf eine Antwort.": "de",
    "DIE APP STÜRZT STÄNDIG AB": "de",
    "unfreundlich": "de",
    "muy lento y caro": "es",
    "No funciona bien desde la última actualización": "es",
    "Très bien, rien à redire": "fr",
    "rapide et efficace": "fr",
    "Molto bene, grazie": "it",
    "Het duurt veel te lang": "nl",
    "Bardzo dobrze, polecam": "pl",
    "Muito bom, recomendo a todos": "pt",
    "Всё работает отлично, спасибо": "ru",
    "とても良いサービスでした": "ja",
    "服务很好": "zh",
    "감사합니다": "ko",
    "خدمة ممتازة": "ar",
    "Toller Service, siehe @firma https://example.org/the-very-good-page": "de",
}


@pytest.mark.parametrize("text", ENGLISH)
def test_english_is_never_called_foreign(text):
    found = detect(text)
    assert found is None or found.code == "en"


@pytest.mark.parametrize(("text", "code"), FOREIGN.items())
def test_other_languages_are_named(text, code):
    found = detect(text)
    assert found is not None
    assert found.code == code


def test_a_plain_english_sentence_is_named_with_confidence():
    found = detect("I waited three weeks for a reply and nobody called back.")
    assert found is not None
    assert found.code == "en"
    assert 0.9 < found.confidence <= 1.0


@pytest.mark.parametrize(
    "text", ["", " ", "12345", "👍👍👍", "...", "x@example.org", "https://example.org/gut"]
)
def test_nothing_is_said_of_text_without_words(text):
    assert detect(text) is None


@pytest.mark.parametrize("text", ["Gut", "Super", "Bien", "ok"])
def test_a_word_that_several_languages_share_is_left_undecided(text):
    assert detect(text) is None


def test_line_breaks_do_not_matter():
    assert detect("Leider warte ich\nseit drei Wochen\r\nauf eine Antwort.") == detect(
        "Leider warte ich seit drei Wochen auf eine Antwort."
    )
