"""The tools the chat model closes a sale with: freight, delivery, summary, confirmation; refusals say what to do."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field

from tools.sales.checkout import NotConfirmed, Refusal
from tools.sales.checkout import confirm_order as confirm
from tools.sales.checkout import review_order as show_review
from tools.sales.describing import METHODS, STATUSES, cart_result, describe_delivery, describe_payment, money, proven
from tools.sales.orders import OrderBusy
from tools.sales.parts import SaleParts
from tools.sales.placing import Outcome, Placing
from tools.sales.reviewing import describe_review, parse_document
from tools.sales.shipping import describe_options, list_options, parse_cep, plain_address
from tools.selling import (
    Delivery,
    DeliveryKind,
    FreightOption,
    OrderStatus,
    Payment,
    PaymentChoice,
    PaymentStatus,
    PricedCart,
)
from tools.toolset import (
    AgentTool,
    Effect,
    Handout,
    HandoutKind,
    ToolContext,
    ToolError,
    ToolResult,
    agent_tool,
    buyer_of,
)

BAD_CEP = "Esse CEP não é válido: são 8 números, como 13010-111. Peça o CEP de novo ao cliente."
BAD_DOCUMENT = "Esse CPF ou CNPJ não confere: um número deve estar trocado. Peça de novo ao cliente."
BAD_EMAIL = "Esse e-mail não parece certo. Peça de novo ao cliente."
EMPTY_CART = "O carrinho está vazio. Descubra o que o cliente quer e coloque com add_to_cart."
NO_YES = (
    "O cliente não disse sim ao resumo nesta mensagem. Mostre o resumo com review_order e pergunte se pode confirmar; "
    "chame confirm_order só depois da resposta dele."
)
NOT_SHOWN = (
    "O cliente ainda não viu o resumo deste carrinho numa mensagem anterior. Chame review_order, mostre o resumo com o "
    "total e espere a resposta dele antes de confirmar."
)
CHANGED = (
    "Mudou alguma coisa desde o resumo que o cliente viu. Chame review_order, mostre o resumo novo e pergunte de novo."
)
BUSY = "Esse pedido está sendo registrado neste momento. Diga isso ao cliente e consulte depois com payment_status."
WAITS = (
    "O pedido está registrado com esse número, mas o sistema da loja não respondeu agora. Diga a verdade: o pedido não "
    "se perde, a loja confirma em breve e o pagamento vem depois. O cliente não precisa pedir de novo."
)
HELD = (
    "O pedido está registrado com esse número, mas uma pessoa da loja precisa conferir antes de seguir. Diga isso ao "
    "cliente e não fale em pagamento."
)
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]{2,}")
_REFUSALS = {Refusal.NO_YES: NO_YES, Refusal.NOT_SHOWN: NOT_SHOWN, Refusal.CHANGED: CHANGED}

Cep = Annotated[str, Field(description="O CEP que o cliente disse, com ou sem traço.")]


def build_checkout_tools(sale: SaleParts) -> list[AgentTool]:
    """`quote_freight` (reads), `choose_delivery` and `review_order` (write), `confirm_order` (money)."""
    return [*_delivery_tools(sale), _review_tool(sale), _confirm_tool(sale)]


def _delivery_tools(sale: SaleParts) -> list[AgentTool]:
    async def priced_cart(context: ToolContext) -> PricedCart:
        cart = await sale.carts.view(context.store_id, context.conversation_id)
        return await sale.prices.price(buyer_of(context), cart)

    @agent_tool(Effect.READ)
    async def quote_freight(context: ToolContext, cep: Cep) -> ToolResult:
        """Mostra as opções de entrega para um CEP, com preço e prazo em dias úteis. Se vier vazia, veja `motivo`."""
        parsed = _cep(cep)
        options = await list_options(sale, context.store_id, parsed, await priced_cart(context))
        return proven(describe_options(parsed, options))

    @agent_tool(Effect.WRITE)
    async def choose_delivery(
        context: ToolContext,
        kind: Annotated[Literal["pickup", "shipping"], Field(description="pickup retira na loja; shipping envia.")],
        option_id: Annotated[str, Field(description="Para envio: o id devolvido por quote_freight.")] = "",
        cep: Annotated[str, Field(description="Para envio: o CEP.")] = "",
        address: Annotated[
            str, Field(description="Para envio: rua, número, complemento e bairro, como o cliente escreveu.")
        ] = "",
    ) -> ToolResult:
        """Guarda como o cliente quer receber, depois que ele escolheu. Devolve a entrega e o carrinho."""
        priced = await priced_cart(context)
        if not priced.cart.lines:
            raise ToolError(EMPTY_CART)
        delivery = Delivery(DeliveryKind.PICKUP)
        if kind == "shipping":
            known = (await sale.deliveries.find(context.store_id, priced.cart.id)).delivery
            delivery = await _shipping(sale, context, priced, option_id, _cep(cep or (known.cep if known else "")))
            where = plain_address(address) or (known.address if known and known.cep == delivery.cep else "")
            delivery = replace(delivery, address=where)
        await sale.deliveries.choose(context.store_id, priced.cart.id, delivery)
        return cart_result(priced, entrega=describe_delivery(delivery))

    return [quote_freight, choose_delivery]


def _review_tool(sale: SaleParts) -> AgentTool:
    @agent_tool(Effect.WRITE)
    async def review_order(
        context: ToolContext,
        payment_method: Annotated[
            Literal["pix", "boleto", "link", "on_pickup"],
            Field(description="link é cartão por link; on_pickup paga na loja ao retirar."),
        ],
        document: Annotated[str, Field(description="CPF ou CNPJ, se o cliente disse.")] = "",
        email: Annotated[str, Field(description="E-mail, se o cliente disse; boleto e link precisam.")] = "",
    ) -> ToolResult:
        """Confere preço, estoque e frete agora e monta o resumo do pedido com o total.

        Conte primeiro o que vier em `mudancas`. Se `falta` não estiver vazia, peça o que falta. Com `falta` vazia,
        mostre o resumo com o total e pergunte se pode confirmar; o sim vale para este resumo, na próxima mensagem.
        """
        cart = await sale.carts.view(context.store_id, context.conversation_id)
        if not cart.lines:
            raise ToolError(EMPTY_CART)
        said = {"document": _document(document), "email": _checked_email(email)}
        await sale.deliveries.keep_payment(context.store_id, cart.id, PaymentChoice(payment_method), **said)
        found = await show_review(sale, context)
        return proven(describe_review(found), ids=(line.product_id for line in found.priced.cart.lines))

    return review_order


def _confirm_tool(sale: SaleParts) -> AgentTool:
    @agent_tool(Effect.MONEY)
    async def confirm_order(context: ToolContext) -> ToolResult:
        """Fecha o pedido que o cliente acabou de confirmar, igual ao último resumo mostrado, e gera o pagamento.

        O código Pix vai sozinho na mensagem seguinte: não o repita no texto.
        """
        try:
            return placing_result(await confirm(sale, context), context)
        except OrderBusy:
            raise ToolError(BUSY) from None
        except NotConfirmed as refused:
            raise ToolError(await _why_not(sale, context, refused)) from None

    return confirm_order


def placing_result(placing: Placing, context: ToolContext) -> ToolResult:
    """What became of the order: {"pedido", "pagamento", "aviso"?}, and what the customer pays with as handouts.

    An order that a person must look at also says {"encaminhado": true, "motivo_encaminhamento"}.
    """
    order, payment = placing.order, placing.payment
    content: dict[str, Any] = {
        "pedido": {"numero": order.number, "total": money(order.total), "status": STATUSES[order.status]},
        "pagamento": {"metodo": order.method.value, "nome": METHODS[order.method], "valor": money(order.total)},
    }
    if placing.outcome is Outcome.WAITING:
        return proven(content | {"aviso": WAITS})
    if placing.outcome is Outcome.HELD:
        why = f"Pedido {order.number} precisa de conferência"
        return proven(content | {"aviso": HELD, "encaminhado": True, "motivo_encaminhamento": why})
    if payment:
        content["pagamento"] |= describe_payment(payment, context.now)
    payable = payment if order.status is OrderStatus.PLACED else None
    return proven(content, handouts=handouts_of(payable))


def handouts_of(payment: Payment | None) -> tuple[Handout, ...]:
    """The code alone in a message, and a Pix code as a picture as well; nothing once it can no longer be paid."""
    if payment is None or payment.status is not PaymentStatus.WAITING or not payment.code:
        return ()
    text = Handout(HandoutKind.TEXT, payment.code)
    return (text, Handout(HandoutKind.QR, payment.code)) if payment.method is PaymentChoice.PIX else (text,)


async def _shipping(sale: SaleParts, context: ToolContext, priced: PricedCart, option_id: str, cep: str) -> Delivery:
    """The option as the store quotes it now for this CEP. Raises ToolError when it does not."""
    options = await list_options(sale, context.store_id, cep, priced)
    option = next((option for option in options if option.id == option_id), None)
    if option is None:
        raise ToolError(_choices(options))
    return Delivery(DeliveryKind.SHIPPING, option.price, option, cep)


def _choices(options: list[FreightOption]) -> str:
    if not options:
        return "Nenhuma entrega atende esse CEP: ofereça a retirada na loja ou chame uma pessoa com call_attendant."
    listed = "; ".join(f"{option.id} ({option.name})" for option in options)
    return f"Essa opção não existe para esse CEP. Use um destes ids: {listed}. Mostre-os com quote_freight."


async def _why_not(sale: SaleParts, context: ToolContext, refused: NotConfirmed) -> str:
    if refused.refusal is not Refusal.EMPTY:
        return " ".join((_REFUSALS[refused.refusal], *refused.changes))
    newest = await sale.orders.find_newest(context.store_id, context.customer_id)
    if newest is None:
        return EMPTY_CART
    return (
        f"O carrinho está vazio: o último pedido do cliente é o {newest.number} ({STATUSES[newest.status]}). "
        "Para o pagamento dele use payment_status; para um pedido novo, add_to_cart."
    )


def _cep(text: str) -> str:
    parsed = parse_cep(text)
    if parsed is None:
        raise ToolError(BAD_CEP)
    return parsed


def _document(text: str) -> str:
    parsed = parse_document(text) if text.strip() else ""
    if parsed is None:
        raise ToolError(BAD_DOCUMENT)
    return parsed


def _checked_email(text: str) -> str:
    email = text.strip()
    if email and not (_EMAIL.fullmatch(email) and len(email) <= 100):
        raise ToolError(BAD_EMAIL)
    return email
