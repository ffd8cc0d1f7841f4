"""Right replies pass; the same replies with one thing altered never do."""

from __future__ import annotations

import random

import pytest

from agent.proof.check import check_reply
from tests.agent.altering import alter
from tests.agent.replies import RightReply, right_replies

ALTERED = 500
MOST_FALSE_ALARMS = 0.005


@pytest.fixture(scope="module")
def replies() -> list[RightReply]:
    return right_replies()


def test_right_replies_go_out(replies: list[RightReply]) -> None:
    refused = [
        (reply.text, report.unproven)
        for reply in replies
        if (report := check_reply(reply.text, reply.grounds())).unproven
    ]
    assert len(replies) >= 300
    assert len(refused) <= MOST_FALSE_ALARMS * len(replies), refused


def test_no_altered_reply_goes_out(replies: list[RightReply]) -> None:
    rng = random.Random(5)
    passed: list[str] = []
    made = 0
    while made < ALTERED:
        reply = rng.choice(replies)
        text = alter(reply, rng)
        if text is None:
            continue
        made += 1
        if not check_reply(text, reply.grounds()).unproven:
            passed.append(text)
    assert passed == []
