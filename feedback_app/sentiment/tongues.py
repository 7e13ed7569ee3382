"""Words and letters by which short comments in other languages are known: "Trop cher" is too little for a model."""

from collections import Counter
from collections.abc import Sequence

# None of these is an English word, nor a name or a slip that English customers write often.
_WORDS = {
    "de": "der auf von eine einen sind habe hat für sehr gut gute guter gutes schlecht schlechte teuer alles "
    "nicht kein keine leider immer nie wieder weiter zufrieden unzufrieden freundlich unfreundlich "
    "langsam schnell schneller danke katastrophe ganz ist und das mit ich wir aber auch noch wurde "
    "funktioniert lieferung preis perfekt einfach gerne passt bestens",
    "fr": "je suis nous vous du bien trop cher chère très pas rien parfait mauvais mauvaise merci génial nul "
    "nulle satisfait satisfaite déçu déçue recommande livraison rapide lent jamais toujours avec pour une "
    "les des aimable prix élevé bonne bon réponse facile ça marche améliorer accueil",
    "es": "por está fue muchas bien muy bueno buena malo mala mal excelente gracias todo nada caro lento rápido "
    "fácil funciona pésimo pésima recomendado recomiendo encanta gusta nunca siempre pero servicio "
    "atención calidad contento problemas experiencia una para los las más sin demasiado hola",
    "it": "della di è stato questo molto bene ottimo ottima buono buona pessimo pessima troppo caro lento "
    "veloce facile grazie perfetto soddisfatto soddisfatta deluso delusa gentile personale servizio "
    "consegna non funziona sempre tutto tutti più una sono bella bello bravi scadente",
    "nl": "ik van met zijn dit goed goede zeer heel erg slecht slechte duur langzaam snelle snel levering werkt "
    "niet geen nooit altijd tevreden vriendelijk bedankt geweldig matig prima fijne fijn geholpen het een "
    "maar voor ook veel",
    "pt": "foi está meu obg muito muita bom boa ótimo ótima péssimo péssima ruim caro lento rápido rápida fácil "
    "não funciona obrigado obrigada adorei gostei recomendo nunca sempre atendimento entrega preço demora "
    "menos tudo bem uma para",
    "sv": "är på av jag mycket bra dåligt dålig inte och för dyrt långsamt nöjd alltid aldrig trevlig snabb "
    "leverans helt jättebra fungerar att väldigt",
    "da": "er på af jeg meget godt dårlig dårligt ikke dyrt langsomt tilfreds altid aldrig hurtig levering "
    "rigtig fint virker venlig",
    "pl": "na bardzo są dobrze dobry dobra dobre źle zły drogo drogi nie działa polecam dziękuję dzięki szybka "
    "szybko wolno słabo obsługa wszystko miła jest się dostawa produkt",
    "tr": "bu için değildi çok iyi kötü güzel pahalı çalışmıyor teşekkürler teşekkür yavaş hızlı memnunum "
    "memnun berbat tavsiye ederim harika fena değil mükemmel hizmet ama bir teslimat",
    "cs": "velmi dobré dobrý špatné drahé příliš nefunguje děkuji díky rychlé pomalé není vše spokojený",
    "fi": "hyvä hyvin huono kallis liian erittäin todella toimi kiitos hidas nopea mutta hieno",
    "ro": "foarte bun bine scump mulțumesc este și pentru",
    "hu": "nagyon jó rossz drága lassú köszönöm gyors minden és",
    "id": "sangat bagus mahal lambat tidak terima kasih baik buruk cepat yang",
}
# Letters that hardly any other language has.
_LETTERS = {
    "ß": "de", "ñ": "es", "¿": "es", "ã": "pt", "õ": "pt", "ø": "da", "æ": "da", "å": "sv", "ğ": "tr", "ı": "tr",
    "ş": "tr", "ą": "pl", "ę": "pl", "ł": "pl", "ź": "pl", "ż": "pl", "ś": "pl", "ć": "pl", "ń": "pl", "ő": "hu",
    "ű": "hu", "ř": "cs", "ě": "cs", "ů": "cs", "ț": "ro", "ș": "ro",
}  # fmt: skip
_LANGUAGES_OF: dict[str, list[str]] = {}
for _code, _row in _WORDS.items():
    for _word in _row.split():
        _LANGUAGES_OF.setdefault(_word, []).append(_code)


def tongue(found: Sequence[str]) -> str | None:
    """The language that most of the small-letter words belong to; None where none is known to be foreign."""
    votes = Counter(code for word in found for code in _LANGUAGES_OF.get(word, ()))
    if votes:
        return max(votes, key=votes.__getitem__)  # of two alike the earlier one
    return next((_LETTERS[char] for word in found for char in word if char in _LETTERS), None)
