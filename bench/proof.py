"""CPU of proving one reply, beside json.dumps of its tool results: `python -m bench.proof`; exit code 1 over 1 ms."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable

from agent.proof.check import check_reply
from tests.agent.replies import RightReply, right_replies, second_right_replies

GOAL_MILLISECONDS = 1.0
ROUNDS = 5


def main() -> None:
    """Every right reply of the tests, proven from its raw tool runs each time."""
    replies = [*right_replies(), *second_right_replies()]
    _seconds(replies, _prove)
    rounds = [(_seconds(replies, _prove), _seconds(replies, _dump)) for _ in range(ROUNDS)]
    ours = statistics.median(ours for ours, _ in rounds) / len(replies) * 1000
    ratio = statistics.median(ours / theirs for ours, theirs in rounds)
    print(f"{ours:.2f} ms a reply (goal {GOAL_MILLISECONDS}); {ratio:.0f} times json.dumps of its tool results")
    sys.exit(ours > GOAL_MILLISECONDS)


def _prove(reply: RightReply) -> None:
    check_reply(reply.text, reply.grounds())


def _dump(reply: RightReply) -> None:
    json.dumps(reply.row["tools"], ensure_ascii=False)


def _seconds(replies: list[RightReply], work: Callable[[RightReply], None]) -> float:
    started = time.process_time()
    for reply in replies:
        work(reply)
    return time.process_time() - started


if __name__ == "__main__":
    main()
