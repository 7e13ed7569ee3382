"""The words of a text, and their stems."""

from threading import Thread

import pytest

from feedback_app.search.words import MOST_READ, Word, index_stems, index_words, stem, words_in


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It's SLOW, a_b!", "it s slow a b"),
        ("Straße, Ångström & cafe\u0301", "strasse angstrom cafe"),
        ("dana@x.example https://y.example/?a=1", "dana x example https y example a 1"),
        ("हिन्दी भाषा", "हिन्दी भाषा"),
        ("客服很慢，导出失败", "客服很慢 导出失败"),
        ("ＦＵＬＬ İstanbul ½", "full istanbul 12"),
        ("👍 … —", ""),
        ("\0", ""),
        (None, ""),
    ],
)
def test_a_word_is_a_run_of_letters_and_digits(text: str | None, words: str) -> None:
    assert index_words(text) == words


def test_words_say_where_they_stand() -> None:
    assert list(words_in("Ça va")) == [Word("ça", 0, 2), Word("va", 3, 5)]


def test_stems_are_those_that_are_not_among_the_words() -> None:
    assert index_stems("The exports fail and failing exports failed", "english") == "¬export"
    assert index_stems("Die Rechnungen", "german") == "¬rechnung"
    assert index_stems("The exports", "") == ""


def test_no_more_than_so_much_is_read() -> None:
    assert len(index_words("ab " * 60_000).split()) == MOST_READ // 3 + 1


def test_threads_stem_alike() -> None:
    found: list[str] = []
    threads = [Thread(target=lambda: found.append(stem("rechnungen", "german"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["rechnung"] * 4
