import pytest

from feedback_app.sentiment import language
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
waiste of money
cant log in
gr8 app thx
LOL no
Works on my Galaxy S23 and on the Kindle
Flight to Las Vegas, hotel Bellagio: superb
Naïve question: is the café open?
Zoom and Teams integration
password reset
Danny was super!
I was in Berlin at noon
No
Ugh, lag
So-so
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


SHORT = {
    "de": "Gut|Sehr schlecht|Zu langsam|Alles prima|Immer gerne|Nicht zu empfehlen|Guter Preis|Leider kaputt|Ging so",
    "fr": "Trop lent|Très déçu|Bien reçu|Pas terrible|Prix correct|Je suis content|Service rapide|Mauvaise qualité",
    "es": "Muy caro|Bastante bien|Mala calidad|Todo correcto|Nada bueno|Es fácil|Estoy contento|Poco claro",
    "it": "Molto male|Troppo lento|Tutto ok, grazie|Ottimo servizio|Non mi piace|Prezzo alto|Bravissimi",
    "nl": "Zeer slecht|Te laat geleverd|Heel fijn|Niet duidelijk|Goede prijs|Snel geholpen|Jammer",
    "pt": "Muito ruim|Bom preço|Não gostei|Atendimento lento|Tudo certo|Péssima qualidade",
    "sv": "Mycket dåligt|Inte nöjd|Bra pris|Snabbt och enkelt|För långsam",
    "pl": "Bardzo słabo|Nie polecam|Dobra jakość|Za długo|Świetna obsługa",
    "tr": "Çok kötü|Hiç beğenmedim|Hızlı kargo|Fiyatı yüksek|Gayet iyi",
    "ru": "Очень плохо|Всё хорошо|Дорого|Долго ждать",
    "ja": "遅い|とても良い|高い|使いやすい",
    "zh": "太慢|很差|不错|价格太高",
    "ar": "سيء جدا|رائع|بطيء جدا|سعر مرتفع",
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


@pytest.mark.parametrize("text", [text for row in SHORT.values() for text in row.split("|")])
def test_a_short_comment_in_another_language_is_never_called_english(text):
    found = detect(text)
    assert found is None or found.code != "en"


def test_nearly_every_short_comment_in_another_language_is_recognised():
    comments = [text for row in SHORT.values() for text in row.split("|")]
    missed = [text for text in comments if detect(text) is None]
    assert len(missed) <= 0.06 * len(comments), missed


def test_the_language_of_a_short_comment_is_mostly_the_right_one():
    named = [(code, detect(text)) for code, row in SHORT.items() for text in row.split("|")]
    right = [code for code, found in named if found and found.code == code]
    assert len(right) >= 66


def test_a_common_english_comment_does_not_load_the_model(monkeypatch):
    monkeypatch.setattr(language, "_model", None)
    assert detect("The parcel was late and nobody called me back.").code == "en"


def test_quoted_english_does_not_hide_another_language():
    assert (
        detect("Der Slogan 'we love to help' ist ein Witz, seit Wochen keine Antwort vom Support").code
        == "de"
    )


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


@pytest.mark.parametrize("text", ["Super", "ok", "Normal", "Hm", "Okay"])
def test_a_word_that_several_languages_share_is_left_undecided(text):
    assert detect(text) is None


def test_line_breaks_do_not_matter():
    assert detect("Leider warte ich\nseit drei Wochen\r\nauf eine Antwort.") == detect(
        "Leider warte ich seit drei Wochen auf eine Antwort."
    )
