"""Replies somebody wrote who had not seen how the proof reads: right ones go out, no wrong one does."""

from __future__ import annotations

from agent.proof.check import check_reply
from commands.sent_figures import find_unproven
from tests.agent.replies import RightReply, right_replies, second_right_replies, second_wrong_replies

MOST_FALSE_ALARMS = 0.005


def found_in(reply: RightReply) -> list[str]:
    tools = [{"ok": True, **tool} for tool in reply.row["tools"]]
    return find_unproven([reply.text], tools, reply.row["heard"])


def test_right_replies_go_out() -> None:
    replies = second_right_replies()
    refused = [
        (reply.text, report.unproven)
        for reply in replies
        if (report := check_reply(reply.text, reply.grounds())).unproven
    ]
    assert len(replies) >= 200
    assert len(refused) <= MOST_FALSE_ALARMS * len(replies), refused


def test_no_wrong_reply_goes_out() -> None:
    replies = second_wrong_replies()
    passed = [
        (reply.text, reply.row["why"]) for reply in replies if not check_reply(reply.text, reply.grounds()).unproven
    ]
    assert len(replies) >= 300
    assert passed == []


def test_the_second_reader_accuses_no_right_reply_and_sees_wrong_ones_by_itself() -> None:
    accused = [
        (reply.text, found) for reply in [*right_replies(), *second_right_replies()] if (found := found_in(reply))
    ]
    assert accused == []
    wrong = second_wrong_replies()
    assert sum(bool(found_in(reply)) for reply in wrong) >= 0.45 * len(wrong)
