"""What `feedback doctor` asks of the tagger: is there one of that name, and does it answer?"""

from collections.abc import Iterator

from feedback_app.cli.findings import Finding
from feedback_app.config import Settings

UNTIL_THEN = "Until then comments are not tagged; answers are taken as ever."


def check_tagger(settings: Settings) -> Iterator[Finding]:
    from feedback_app.sentiment.guard import GuardedTagger, TaggerFailed
    from feedback_app.sentiment.registry import UnknownTagger, tagger_names

    name, known = settings.tagger, tagger_names()
    if name not in known:
        advice = f"Correct FEEDBACK_TAGGER, or install the package that brings it. {UNTIL_THEN}"
        yield Finding("Tagger", str(UnknownTagger(name, known)), advice, is_grave=True)
        return
    with GuardedTagger(name) as guarded:
        try:
            version = guarded.tag("Good").version
        except TaggerFailed as failure:
            advice = f"Mend its package, or name another by FEEDBACK_TAGGER. {UNTIL_THEN}"
            yield Finding("Tagger", f"{name} fails: {failure.reason}", advice, is_grave=True)
            return
    yield Finding("Tagger", f"{name} {version} answers")
