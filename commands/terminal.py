"""The terminal as a channel: choices stay numbered text, and a QR picture is drawn with characters."""

from __future__ import annotations

from channels.pictures import print_qr
from channels.port import OutboundImage, OutboundText, SendReceipt
from wiring.dialogue import CollectingChannel


class TerminalChannel(CollectingChannel):
    """Keeps what is sent until it is read, like its base."""

    async def send_image(self, message: OutboundImage) -> SendReceipt:
        """Keep the picture as lines of characters; the text itself where it does not fit into one."""
        try:
            # On lines of its own: the first one must not stand beside a name.
            drawn = "\n" + print_qr(message.text)
        except ValueError:
            drawn = message.text
        return await self.send_text(OutboundText(message.outbox_id, message.address, drawn))
