"""Sends through WhatsApp's Graph API and says what a failed send means; retries nothing and splits nothing itself."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx
import structlog

from channels.cloud_api.errors import classify_error
from channels.cloud_api.messages import CHANNEL
from channels.cloud_api.requests import LONGEST_TEXT, choices_body, envelope, keeps_limits, text_body
from channels.cloud_api.shapes import as_dict, as_items, as_text
from channels.cloud_api.statuses import error_code, error_detail
from channels.pictures import MEDIA_TYPE, draw_qr
from channels.port import (
    FailureKind,
    OutboundChoices,
    OutboundImage,
    OutboundText,
    SendFailed,
    SendReceipt,
)
from channels.port import as_text as without_choices

log = structlog.get_logger(__name__)

_NOTHING_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""Before the request left; after any other transport error it may have arrived."""


class CloudApiChannel:
    """One WhatsApp number (`channels.port.Channel`). Close with `aclose`."""

    name = CHANNEL

    def __init__(self, *, graph_url: str, phone_number_id: str, access_token: str, timeout: float = 10.0) -> None:
        """`graph_url` includes the version, as in https://graph.facebook.com/v26.0; `timeout` is seconds per step."""
        number_url = f"{graph_url.rstrip('/')}/{phone_number_id}"
        self._messages_url = f"{number_url}/messages"
        self._media_url = f"{number_url}/media"
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
        return await self._send(text_body(message))

    async def send_choices(self, message: OutboundChoices) -> SendReceipt:
        """Send buttons or a list; the text alone where they break WhatsApp's limits. Raises SendFailed as above."""
        if not keeps_limits(message):
            log.warning("choices_sent_as_text", outbox_id=message.outbox_id, choices=len(message.choices))
            return await self.send_text(without_choices(message))
        return await self._send(choices_body(message))

    async def send_image(self, message: OutboundImage) -> SendReceipt:
        """Draw the QR picture, upload it and send it. Raises SendFailed as above."""
        try:
            picture = draw_qr(message.text)
        except ValueError as error:
            raise SendFailed(FailureKind.REFUSED, "the text is too long for a QR picture") from error
        media_id = await self._upload(picture)
        return await self._send(envelope(message.outbox_id, message.address, "image", {"id": media_id}))

    async def _upload(self, picture: bytes) -> str:
        """The picture's id at WhatsApp. No customer sees an upload: one without an answer is tried again."""
        fields = {"messaging_product": "whatsapp", "type": MEDIA_TYPE}
        files = {"file": ("qr.png", picture, MEDIA_TYPE)}
        try:
            response = await self._post(self._media_url, data=fields, files=files)
        except SendFailed as failure:
            if failure.kind is not FailureKind.UNKNOWN:
                raise
            raise SendFailed(FailureKind.RETRY, f"the picture was not uploaded: {failure.detail}") from failure
        if response.status_code != 200:
            raise _upload_failure(_failure(response))
        media_id = as_text(_json(response).get("id"))
        if not media_id:
            raise SendFailed(FailureKind.RETRY, "the Graph API took a picture and gave it no id")
        return media_id

    async def _send(self, body: dict[str, Any]) -> SendReceipt:
        response = await self._post(self._messages_url, json=body)
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
            response = await self._post(self._messages_url, json=body)
        except SendFailed as failure:
            log.info("typing_not_shown", message_id=message_id, kind=failure.kind.value)
            return
        if response.status_code != 200:
            log.info("typing_not_shown", message_id=message_id, code=_failure(response).code)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _post(self, url: str, **content: Any) -> httpx.Response:
        if self._http.is_closed:
            raise SendFailed(FailureKind.RETRY, "this channel was closed; nothing was sent")
        try:
            return await self._http.post(url, **content)
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


def _failure(response: httpx.Response) -> SendFailed:
    error = _json(response).get("error")
    code = error_code(error)
    detail = error_detail(error) or f"HTTP {response.status_code} without an explanation"
    kind = classify_error(code, response.status_code)
    return SendFailed(kind, detail, code=code, retry_after=_retry_after(response))


def _upload_failure(failure: SendFailed) -> SendFailed:
    if failure.kind is not FailureKind.UNKNOWN:
        return failure
    return SendFailed(FailureKind.RETRY, failure.detail, code=failure.code, retry_after=failure.retry_after)


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
