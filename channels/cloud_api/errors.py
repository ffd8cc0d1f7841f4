"""What each Graph API error code means for a send: try again, give this message up, or stop and call a person."""

from __future__ import annotations

from typing import Final

from channels.port import FailureKind

RETRY_CODES: Final = frozenset(
    {
        1,  # unknown error on their side
        2,  # service down or overloaded
        4,  # app-wide call rate
        80007,  # business account rate
        130429,  # throughput of the number
        131000,  # something went wrong
        131016,  # service overloaded
        131056,  # too many messages to this one customer
        131057,  # account in maintenance
        133004,  # server temporarily unavailable
    }
)

REFUSED_CODES: Final = frozenset(
    {
        33,  # the id in the request does not exist
        100,  # invalid parameter
        130472,  # customer is part of an experiment
        130497,  # not allowed to write to this country
        131008,  # required parameter missing
        131009,  # parameter value not valid
        131021,  # recipient is the sender
        131026,  # customer cannot receive it
        131030,  # recipient not on the test list
        131047,  # more than 24 hours since the customer wrote: needs a template
        131049,  # Meta chose not to deliver it
        131050,  # customer stopped marketing messages
        131051,  # message type not supported
        131052,  # media could not be downloaded
        131053,  # media could not be uploaded
    }
)

BLOCKED_CODES: Final = frozenset(
    {
        0,  # app could not be authenticated
        3,  # capability missing
        10,  # permission missing
        190,  # token expired or revoked
        368,  # account restricted for a policy violation
        131005,  # access denied
        131031,  # account locked
        131037,  # display name not approved
        131042,  # payment problem
        131045,  # number not registered
        131048,  # too many customers blocked or reported this number
        133010,  # number not registered
    }
)

_PERMISSION_CODES: Final = range(200, 300)


def classify_error(code: int | None, http_status: int | None = None) -> FailureKind:
    """The class of a failed send, by Graph error code; the HTTP status decides only for codes not in the tables.

    Also for errors that arrive later in a status webhook, where there is no HTTP status. Without a Graph code, a
    server error is UNKNOWN: a gateway may have answered for a request that went through.
    """
    if code in RETRY_CODES:
        return FailureKind.RETRY
    if code in REFUSED_CODES:
        return FailureKind.REFUSED
    if code in BLOCKED_CODES or code in _PERMISSION_CODES:
        return FailureKind.BLOCKED
    return _by_status(http_status, answered_by_graph=code is not None)


def _by_status(status: int | None, *, answered_by_graph: bool) -> FailureKind:
    if status is None:
        return FailureKind.REFUSED
    if status == 429:
        return FailureKind.RETRY
    if status >= 500:
        return FailureKind.RETRY if answered_by_graph else FailureKind.UNKNOWN
    if status in (401, 403, 404) or status < 400:
        return FailureKind.BLOCKED
    return FailureKind.REFUSED
