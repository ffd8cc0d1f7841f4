"""The Graph API's error answers: HTTP status, body and wording by error code."""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import JSONResponse

STATUS_AND_TITLE: Final[dict[int, tuple[int, str]]] = {
    0: (401, "AuthException"),
    1: (400, "API Unknown"),
    2: (503, "API Service"),
    3: (500, "API Method"),
    4: (400, "API Too Many Calls"),
    10: (403, "Permission Denied"),
    33: (400, "Parameter value is not valid"),
    100: (400, "Invalid parameter"),
    190: (401, "Access token has expired"),
    368: (403, "Temporarily blocked for policies violations"),
    80007: (400, "Rate limit issues"),
    130429: (400, "Rate limit hit"),
    130472: (400, "User's number is part of an experiment"),
    130497: (403, "Business account is restricted from messaging users in this country"),
    131000: (500, "Something went wrong"),
    131005: (403, "Access denied"),
    131008: (400, "Required parameter is missing"),
    131009: (400, "Parameter value is not valid"),
    131016: (500, "Service unavailable"),
    131021: (400, "Recipient cannot be sender"),
    131026: (400, "Message undeliverable"),
    131030: (400, "Recipient not in allowed list"),
    131031: (403, "Account has been locked"),
    131037: (400, "Display name approval needed"),
    131042: (400, "Business eligibility payment issue"),
    131045: (500, "Incorrect certificate"),
    131047: (400, "Re-engagement message"),
    131048: (400, "Spam rate limit hit"),
    131049: (400, "Healthy ecosystem engagement"),
    131050: (400, "User has stopped marketing messages"),
    131051: (400, "Unsupported message type"),
    131052: (400, "Media download error"),
    131053: (400, "Media upload error"),
    131056: (400, "Pair rate limit hit"),
    131057: (500, "Account in maintenance mode"),
    133004: (503, "Server temporarily unavailable"),
    133010: (400, "Phone number not registered"),
}


def error_object(code: int, details: str) -> dict[str, Any]:
    """One error as a status webhook carries it."""
    title = STATUS_AND_TITLE.get(code, (400, "Error"))[1]
    return {"code": code, "title": title, "message": title, "error_data": {"details": details}}


def error_response(
    code: int, details: str = "scripted failure", *, status: int | None = None, retry_after: str | None = None
) -> JSONResponse:
    """The HTTP answer for a code; `status` overrides the usual one."""
    usual, title = STATUS_AND_TITLE.get(code, (400, "Error"))
    body = {
        "message": f"(#{code}) {title}",
        "type": "OAuthException",
        "code": code,
        "error_data": {"messaging_product": "whatsapp", "details": details},
        "fbtrace_id": "AFakeTraceId",
    }
    headers = {"Retry-After": retry_after} if retry_after else None
    return JSONResponse({"error": body}, status_code=status or usual, headers=headers)
