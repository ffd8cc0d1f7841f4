"""Sends through WhatsApp's Graph API and says what a failed send means; retries nothing and splits nothing itself."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx
import structlog

from channels.cloud_api.errors import classify_error
from channels.cloud_api.messages import CHANNEL
from channels.cloud_api.shapes import as_dict, as_items, as_text
from channels.cloud_api.statuses import error_code, error_detail
from channels.port import FailureKind, OutboundText, SendFailed, SendReceipt

log = structlog.get_logger(__name__)

LONGEST_TEXT: Final = 4096
"""Characters; the Graph API refuses more, and where to split is the sender's decision."""

_NOTHING_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""Before the request left; after any other transport error it may have arrived."""


class CloudApiChannel:
    """One WhatsApp number (`channels.port.Channel`). Close with `aclose`."""

    name = CHANNEL

    def __init__(self, *, graph_url: str, phone_number_id: str, access_token: str, timeout: float = 10.0) -> None:
        """`graph_url` includes the version, as in https://graph.facebook.com/v26.0; `timeout` is seconds per step."""
        self._messages_url = f"{graph_url.rstrip('/')}/{phone_number_id}/messages"
        self._http = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {access_token}"},
            timeout=timeout,
            limits=httpx.Limits(max_connections=80, max_keepalive_connections=20),
        )

    async def send_text(self, message: OutboundText) -> SendReceipt:
        """Send one text of 1 to 4,096 characters. Raises SendFailed; UNKNOWN whenever it may have been accepted."""
        if not 0 < len(message.text) <= LONGEST_TEXT:
            raise SendFailed(
                FailureKind.REFUSED,
                f"a text must have 1 to {LONGEST_TEXT} characters, this one has {len(message.text)}: split it first",
            )
        response = await self._post(
            {
                "messaging_product": "whatsapp",
                "recipient_type": "individual",
                **_recipient(message.address),
                "type": "text",
                "text": {"body": message.text, "preview_url": False},
                "biz_opaque_callback_data": message.outbox_id,
            }
        )
        if response.status_code != 200:
            raise _failure(response)
        accepted = as_items(_json(response).get("messages"))
        message_id = as_text(as_dict(accepted[0]).get("id")) if accepted else ""
        if not message_id:
            raise SendFailed(FailureKind.UNKNOWN, "the Graph API answered 200 without a message id")
        return SendReceipt(message_id)

    async def show_typing(self, address: str, message_id: str) -> None:
        """Mark the customer's message read and show typing, for at most 25 s; best effort, never raises."""
        body = {
            "messaging_product": "whatsapp",
            "status": "read",
            "message_id": message_id,
            "typing_indicator": {"type": "text"},
        }
        try:
            response = await self._post(body)
        except SendFailed as failure:
            log.info("typing_not_shown", message_id=message_id, kind=failure.kind.value)
            return
        if response.status_code != 200:
            log.info("typing_not_shown", message_id=message_id, code=_failure(response).code)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _post(self, body: dict[str, Any]) -> httpx.Response:
        if self._http.is_closed:
            raise SendFailed(FailureKind.RETRY, "this channel was closed; nothing was sent")
        try:
            return await self._http.post(self._messages_url, json=body)
        except _NOTHING_SENT as error:
            raise SendFailed(FailureKind.RETRY, f"the Graph API cannot be reached: {type(error).__name__}") from error
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError) as error:
            # The error's own words would quote the token.
            detail = f"check WHATSAPP_GRAPH_URL and WHATSAPP_ACCESS_TOKEN: {type(error).__name__}"
            raise SendFailed(FailureKind.BLOCKED, detail) from None
        except UnicodeEncodeError as error:
            raise SendFailed(FailureKind.REFUSED, "the text holds half a character (a lone surrogate)") from error
        except httpx.HTTPError as error:
            raise SendFailed(FailureKind.UNKNOWN, f"no answer after sending: {type(error).__name__}") from error


def _recipient(address: str) -> dict[str, str]:
    # A customer who hides the number has only a business-scoped id (a country code, a dot and more), sent apart.
    return {"to": address} if address.isdecimal() else {"recipient": address}


def _failure(response: httpx.Response) -> SendFailed:
    error = _json(response).get("error")
    code = error_code(error)
    detail = error_detail(error) or f"HTTP {response.status_code} without an explanation"
    kind = classify_error(code, response.status_code)
    return SendFailed(kind, detail, code=code, retry_after=_retry_after(response))


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        return as_dict(response.json())
    except (ValueError, RecursionError):
        return {}


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds to wait, from a Retry-After header in either of its forms."""
    value = response.headers.get("retry-after", "").strip()
    if value.replace(".", "", 1).isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds()) if moment.tzinfo else None
