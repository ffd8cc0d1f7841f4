"""The bank of a laptop's shop: pays a Pix code that the simulator shows, so that the sale can be seen to its end."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from plugins.builtin.br_code import BrCodeError, read_br_code
from tools.ports import PaymentLedger, PaymentMismatch


class PixPayment(BaseModel):
    """What a customer's bank app reads from the code."""

    model_config = ConfigDict(extra="forbid")
    code: str = Field(max_length=1024)


def build_simulator_bank(ledger: PaymentLedger, store_id: str) -> APIRouter:
    """`POST /simulator/api/bank`: the code's amount is paid, and reported as a bank's notice would be.

    Mount it with the simulator only: it asks for no signature.
    """
    router = APIRouter(prefix="/simulator/api", include_in_schema=False)

    @router.post("/bank", status_code=204)
    async def pay(payment: PixPayment) -> None:
        try:
            read = read_br_code(payment.code)
        except BrCodeError as error:
            raise HTTPException(422, "not a Pix code that can be paid") from error
        if read.amount is None or not read.txid:
            raise HTTPException(422, "the code names no amount or no order")
        try:
            paid = await ledger.confirm(
                store_id, read.txid, read.amount, by="webhook", paid_at=datetime.now(UTC), reference=f"SIM{read.txid}"
            )
        except PaymentMismatch as error:
            raise HTTPException(409, "the shop did not expect this payment: a person was called") from error
        if paid is None:
            raise HTTPException(404, "no order asked for this payment")

    return router
