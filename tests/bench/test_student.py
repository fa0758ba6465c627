"""A student of the class: it knows what its page holds, as a browser does."""

from __future__ import annotations

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.bench.student import Ledger, Student

STOP, TRAIN = "stop_button", "train_button"


def student_who_hears(*messages: ForwardMsg) -> Student:
    student = Student(0, "nowhere", Ledger())
    for message in messages:
        student._hear(message)
    return student


def begun(*fragments: str) -> ForwardMsg:
    message = ForwardMsg()
    message.new_session.SetInParent()
    message.metadata.run.fragment_ids.extend(fragments)
    return message


def button(key: str, fragment: str = "") -> ForwardMsg:
    message = ForwardMsg()
    message.delta.new_element.button.id = f"$$ID-{'0' * 32}-{key}"
    message.delta.new_element.button.label = f"the {key}"
    message.delta.fragment_id = fragment
    return message


def ended(how: ForwardMsg.ScriptFinishedStatus.ValueType) -> ForwardMsg:
    return ForwardMsg(script_finished=how)


WHOLE = ended(ForwardMsg.FINISHED_SUCCESSFULLY)
PART = ended(ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
CUT_SHORT = ended(ForwardMsg.FINISHED_EARLY_FOR_RERUN)


def test_what_a_whole_page_does_not_show_again_cannot_be_pressed() -> None:
    before = (begun(), button(TRAIN), button(STOP, "status"), WHOLE)
    assert student_who_hears(*before).widgets.keys() == {
        TRAIN, STOP, f"the {TRAIN}", f"the {STOP}"
    }  # fmt: skip
    after = student_who_hears(*before, begun(), button(TRAIN), WHOLE)
    assert after.widgets.keys() == {TRAIN, f"the {TRAIN}"}


def test_a_fragment_leaves_the_rest_of_the_page_alone() -> None:
    page = (begun(), button(TRAIN), button(STOP, "status"), WHOLE)
    student = student_who_hears(*page, begun("status"), PART)
    assert student.widgets.keys() == {TRAIN, f"the {TRAIN}"}


def test_a_run_that_is_cut_short_takes_nothing_away() -> None:
    page = (begun(), button(TRAIN), WHOLE)
    assert TRAIN in student_who_hears(*page, begun(), CUT_SHORT).widgets
