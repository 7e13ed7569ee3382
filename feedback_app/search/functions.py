"""What the triggers and queries of an SQLite database ask us: words, stems and the language of a text."""

from functools import lru_cache
from sqlite3 import Connection

from feedback_app.search.query import How, Query, match_expression
from feedback_app.search.words import index_stems, index_words, language_of


def add_functions(connection: Connection) -> None:
    """Let the connection write to a database whose index we keep."""
    for name, arguments, function in (
        ("feedback_words", 1, index_words),
        ("feedback_stems", 2, index_stems),
        ("feedback_language", 2, language_of),
        ("feedback_match", 3, _match),
    ):
        connection.create_function(name, arguments, function, deterministic=True)


@lru_cache(maxsize=1000)
def _match(text: str, how: str, languages: str | None) -> str:
    """What to look for; `languages` are the names of those in the index."""
    return match_expression(Query.read(text, How(how)), (languages or "").split())
