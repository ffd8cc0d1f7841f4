"""The tools the chat model answers about orders with; says "paid" only on record, and only to whom the order is."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from tools.erp_models import SaleStatus
from tools.sales.after_sale import Identity, find_erp_status, find_own_order, find_payment, identify
from tools.sales.after_sale import cancel_order as cancel
from tools.sales.checkout_tools import BUSY, placing_result
from tools.sales.describing import STATUSES, describe_order, describe_payment, money, proven
from tools.sales.orders import OrderBusy
from tools.sales.parts import SaleParts
from tools.sales.placing import place_order
from tools.selling import Order, OrderStatus, PaymentStatus
from tools.toolset import AgentTool, Effect, ToolContext, ToolError, ToolResult, agent_tool

NO_ORDERS = "Não há pedido feito por este número. Se foi por outro, peça o número do pedido e o CPF ou CNPJ da compra."
UNKNOWN = (
    "Não há pedido deste cliente com esse número. Peça o CPF ou CNPJ da compra para conferir, sem dizer mais nada."
)
WRONG = "O número do pedido e o documento não conferem. Peça para o cliente conferir os dois, sem dizer mais nada."
SPENT = "Não deu para confirmar de quem é o pedido. Diga que uma pessoa da loja vai ajudar e não dê nenhum dado."
NOT_OWN = "Não há pedido deste cliente com esse número. Confira o número com ele ou use call_attendant."
NOT_YET = "Ainda não há confirmação do pagamento no banco. Diga isso com gentileza; comprovante ou foto não confirma."
CANNOT_CANCEL = (
    "Esse pedido não dá para cancelar sozinho por aqui. O pedido de cancelamento já está com uma pessoa da loja."
)
NOT_DELIVERED = "Esse pedido ainda não foi pago: não há o que trocar. Para desistir dele use cancel_order."
_SHOP_SAYS = {SaleStatus.CANCELLED: "cancelado pela loja", SaleStatus.INVOICED: "faturado pela loja"}

OrderNumber = Annotated[int, Field(description="O número do pedido; 0 é o mais recente do cliente.")]
Reason = Annotated[str, Field(description="O motivo do cliente, em uma frase.")]


def build_after_sale_tools(sale: SaleParts) -> list[AgentTool]:
    """`order_status`, `payment_status` and `open_exchange` (write), `cancel_order` (money)."""
    return [*_status_tools(sale), *_request_tools(sale)]


async def _own_order(sale: SaleParts, context: ToolContext, number: int) -> Order:
    order = await find_own_order(sale, context, number)
    if order is None:
        raise ToolError(NO_ORDERS if number == 0 else NOT_OWN)
    return order


def _status_tools(sale: SaleParts) -> list[AgentTool]:
    @agent_tool(Effect.WRITE)
    async def order_status(
        context: ToolContext,
        order_number: OrderNumber = 0,
        document: Annotated[str, Field(description="CPF ou CNPJ da compra, se o pedido é de outro número.")] = "",
    ) -> ToolResult:
        """Mostra como está um pedido. Pedido feito por outro número só com o documento da compra."""
        identity, order = await identify(sale, context, order_number, document)
        if identity is Identity.SPENT:
            return _person({"erro": SPENT}, "Não confirmou de quem é o pedido")
        if order is None:
            raise ToolError({Identity.NO_ORDERS: NO_ORDERS, Identity.WRONG: WRONG}.get(identity, UNKNOWN))
        content = describe_order(order) | {"data": order.created_at.astimezone(context.now.tzinfo).date().isoformat()}
        if said := _SHOP_SAYS.get(await find_erp_status(sale, order) or SaleStatus.UNKNOWN):
            content["status"] = said
        return proven({"pedido": content})

    @agent_tool(Effect.WRITE)
    async def payment_status(
        context: ToolContext,
        order_number: OrderNumber = 0,
        send_code: Annotated[
            bool, Field(description="true para mandar o código de novo, e um novo se o outro venceu.")
        ] = False,
    ) -> ToolResult:
        """Diz se um pedido foi pago, pelo que o banco e a loja registraram; o que o cliente diz ou manda não conta."""
        order, payment, paid = await find_payment(sale, await _own_order(sale, context, order_number), context.now)
        if send_code and not paid and order.status in (OrderStatus.CONFIRMED, OrderStatus.PLACED):
            try:
                return placing_result(await place_order(sale, order, context.now, renew=True), context)
            except OrderBusy:
                raise ToolError(BUSY) from None
        content = _order_line(order)
        content["pagamento"] = (
            describe_payment(payment, context.now) if payment else {"metodo": order.method.value}
        ) | ({"status": "pago"} if paid else {})
        if order.status is OrderStatus.HELD:
            return _person(content, f"Pagamento do pedido {order.number} precisa de conferência")
        waits = payment is not None and payment.status is PaymentStatus.WAITING
        return proven(content | ({} if paid else {"aviso": NOT_YET}) if waits or paid else content)

    return [order_status, payment_status]


def _request_tools(sale: SaleParts) -> list[AgentTool]:
    @agent_tool(Effect.MONEY)
    async def cancel_order(
        context: ToolContext,
        order_number: Annotated[int, Field(description="O número do pedido.")],
        reason: Reason,
    ) -> ToolResult:
        """Cancela um pedido do cliente, quando ele pede. O que já foi pago ou faturado passa para uma pessoa."""
        order = await _own_order(sale, context, order_number)
        try:
            done, order = await cancel(sale, order)
        except OrderBusy:
            raise ToolError(BUSY) from None
        if done:
            return proven(_order_line(order))
        await sale.requests.open(order, "cancel", reason, call_key=context.call_key)
        return _person(_order_line(order) | {"aviso": CANNOT_CANCEL}, f"Cancelamento do pedido {order.number}")

    @agent_tool(Effect.WRITE)
    async def open_exchange(
        context: ToolContext,
        order_number: Annotated[int, Field(description="O número do pedido.")],
        kind: Annotated[Literal["exchange", "return"], Field(description="exchange troca; return devolve.")],
        reason: Reason,
    ) -> ToolResult:
        """Abre uma troca ou devolução de um pedido do cliente; uma pessoa da loja combina o resto."""
        order = await _own_order(sale, context, order_number)
        if order.status in (OrderStatus.CONFIRMED, OrderStatus.PLACED):
            _, _, paid = await find_payment(sale, order, context.now)
            if not paid:
                raise ToolError(NOT_DELIVERED)
        await sale.requests.open(order, kind, reason, call_key=context.call_key)
        word = "troca" if kind == "exchange" else "devolução"
        request = {"pedido": order.number, "tipo": word, "situacao": "aberta"}
        return _person({"solicitacao": request}, f"{word.capitalize()} do pedido {order.number}")

    return [cancel_order, open_exchange]


def _order_line(order: Order) -> dict[str, Any]:
    return {"pedido": {"numero": order.number, "status": STATUSES[order.status], "total": money(order.total)}}


def _person(content: dict[str, Any], why: str) -> ToolResult:
    """The result that hands the conversation over."""
    return proven(content | {"encaminhado": True, "motivo_encaminhamento": why})
