from feedback_app.sentiment.memory import LONGEST, Memory


def test_each_piece_is_worked_out_once():
    asked = []
    memory = Memory(lambda piece: asked.append(piece) or len(piece), most=10)
    assert list(memory.each(["a", "bb", "a", "a"])) == [1, 2, 1, 1]
    assert asked == ["a", "bb"]


def test_a_full_memory_forgets_its_older_half_and_goes_on():
    memory = Memory(str.upper, most=4)
    assert list(memory.each("abcdea")) == ["A", "B", "C", "D", "E", "A"]
    assert list(memory) == ["c", "d", "e", "a"]


def test_what_is_too_long_to_come_again_is_not_kept():
    memory = Memory(len, most=10)
    assert memory["a" * (LONGEST + 1)] == LONGEST + 1
    assert not memory
