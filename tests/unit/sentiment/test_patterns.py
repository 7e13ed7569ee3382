"""What people may write to say what a comment is about, and what they are told if they may not."""

import pytest

from feedback_app.sentiment.patterns import PatternsRefused, Word, read_patterns


def problem_with(patterns: str) -> str:
    with pytest.raises(PatternsRefused) as refused:
        read_patterns(patterns)
    (problem,) = refused.value.problems
    return problem


def test_blank_lines_and_remarks_are_no_patterns() -> None:
    assert read_patterns("\n  \n# what we charge\n  # and how\n") == []


def test_a_pattern_is_read_into_its_words() -> None:
    _, pattern = read_patterns("refund\n  -Wait* ... pick-up ")
    assert pattern.leaves_out
    assert pattern.line == "-Wait* ... pick-up"
    assert pattern.words == (Word("wait", True, 1), Word("pick", False, 6), Word("up", False, 1))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("*", "“*” stands at the end of a word"),
        ("re*fund", "“*” stands at the end of a word"),
        ("refund *", "“*” stands at the end of a word"),
        ("a", "one letter is found in too much"),
        ("- a", "one letter is found in too much"),
        ("x*", "too many words begin with “x”"),
        ("!!!", "“!” has no meaning here"),
        ("...", "Put a word before and behind it"),
        ("wait ...", "Put a word before and behind it"),
        ("a ... b ... c ... d", "may stand in a pattern 2 times"),
        ("refund|return", "“|” has no meaning here"),
        ("(re)?fund", "“(” has no meaning here"),
        ("-", "there is no word in it"),
        ("a" * 81, "it has 81 characters, and a pattern up to 80"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(line: str, said: str) -> None:
    problem = problem_with(f"# words\nrefund*\n{line}")
    assert problem.startswith("Line 3, “")
    assert said in problem


def test_every_wrong_line_is_told_at_once() -> None:
    with pytest.raises(PatternsRefused) as refused:
        read_patterns("*\nrefund\nx*")
    assert [problem[:6] for problem in refused.value.problems] == ["Line 1", "Line 3"]


def test_two_hundred_patterns_are_taken_and_one_more_is_not() -> None:
    two_hundred = "\n".join(f"word{n}" for n in range(200))
    assert len(read_patterns(two_hundred)) == 200
    assert "up to 200 patterns, these are 201" in problem_with(two_hundred + "\none more")


def test_a_theme_that_only_leaves_out_is_refused() -> None:
    assert "Add a line without it" in problem_with("-gift card\n- credit card")
