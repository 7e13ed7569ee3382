"""What `feedback tag` says at its end, and how it is stopped."""

import signal

import pytest

from feedback_app.cli.tag import interruptible, result
from feedback_app.tagging.batches import Tally


def test_the_first_ctrl_c_is_noted_and_the_second_one_raises() -> None:
    with pytest.raises(KeyboardInterrupt), interruptible() as is_interrupted:
        signal.raise_signal(signal.SIGINT)
        assert is_interrupted.is_set()
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize(
    ("done", "tally", "everything", "said"),
    [
        (0, Tally(), True, "0 comments tagged."),
        (1, Tally(changed=1), False, "1 comment tagged."),
        (2, Tally(), True, "2 comments tagged; 0 have another sentiment than before."),
        (
            1200,
            Tally(changed=1, kept=31, failed=2),
            True,
            "1,200 comments tagged; 1 has another sentiment than before, 31 keep the one that a person gave them, "
            "2 could not be read.",
        ),
    ],
)
def test_the_end_says_what_changed_and_what_people_keep(
    done: int, tally: Tally, everything: bool, said: str
) -> None:
    assert result(done, tally, everything=everything) == said
