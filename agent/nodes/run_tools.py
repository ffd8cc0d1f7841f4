"""Runs the tools the chat model asked for, in order, within the turn's limits; the boundary where a tool may fail."""

from __future__ import annotations

import json
import time
from typing import Any, cast

import structlog
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.messages import ToolCall as ModelToolCall
from langgraph.runtime import Runtime

from agent.context import AgentContext
from agent.haggling import haggles
from agent.state import ConversationState, ToolRun, Update, understanding_of
from agent.understanding.types import Understanding
from agent.untrusted import quoted_json
from tools.ports import ErpUnavailable
from tools.toolset import Effect, ToolCall, ToolContext, ToolError, ToolResult

log = structlog.get_logger(__name__)


async def run_tools(state: ConversationState, runtime: Runtime[AgentContext]) -> Update:
    """Answer every tool call of the last model message, failures included: a model must never wait for an answer."""
    asked = cast(AIMessage, state["messages"][-1])
    runs: list[ToolRun] = []
    answers: list[ToolMessage] = []
    for requested in asked.tool_calls:
        run = await _run_one(requested, state, runs, runtime.context)
        runs.append(run)
        content = json.dumps(run.result, ensure_ascii=False, default=str)
        answers.append(ToolMessage(content, tool_call_id=requested["id"] or "", name=run.name))
    seen = [*state["seen_product_ids"], *(found for run in runs for found in run.product_ids)]
    update: Update = {
        "messages": answers,
        "tool_runs": runs,
        "seen_product_ids": list(dict.fromkeys(seen)),
        "path": ["run_tools"],
    }
    # Not only on request: an order that a person must look at hands over by itself.
    handed_over = [run for run in runs if run.ok and run.result.get("encaminhado")]
    if handed_over:
        last = handed_over[-1]
        reason = last.result.get("motivo_encaminhamento") or last.arguments.get("reason", "")
        update |= {"escalation": str(reason), "mode": "attendant"}
    return update


async def _run_one(
    requested: ModelToolCall, state: ConversationState, runs: list[ToolRun], context: AgentContext
) -> ToolRun:
    call = ToolCall(requested["id"] or "", requested["name"], requested["args"])
    earlier = [*state["tool_runs"], *runs]
    identical = sum(run.name == call.name and run.arguments == call.arguments for run in earlier)
    effect = context.toolset.get(call.name).effect if call.name in context.toolset else Effect.READ
    started = time.perf_counter()
    try:
        if len(earlier) >= context.max_tool_calls or identical >= context.max_identical_calls:
            raise ToolError("Limite de consultas deste turno atingido: responda com o que você já tem.")
        result = await context.toolset.run(call, _tool_context(state, runs, context), occurrence=identical)
    except ToolError as refusal:
        result = _failure(str(refusal))
    except ErpUnavailable:
        log.warning("erp_unavailable", tool=call.name, turn_id=state["turn_id"])
        result = _failure("O sistema da loja não respondeu agora. Diga a verdade e não cite preço nem estoque.")
    except Exception:  # the boundary: one broken tool must not leave a customer without an answer
        log.exception("tool_failed", tool=call.name, turn_id=state["turn_id"])
        result = _failure("A ferramenta falhou agora. Siga sem ela e não invente o resultado.")
    return ToolRun(
        name=call.name,
        effect=effect,
        arguments=call.arguments,
        # Names and descriptions are written in the ERP by anybody: proof, memory and model read the same cleaned words.
        result=quoted_json(result.content),
        ok=result.ok,
        milliseconds=round((time.perf_counter() - started) * 1000, 2),
        product_ids=result.product_ids,
        centavos=result.centavos,
        handouts=result.handouts,
    )


def _tool_context(state: ConversationState, runs: list[ToolRun], context: AgentContext) -> ToolContext:
    seen = {*state["seen_product_ids"], *(found for run in runs for found in run.product_ids)}
    understanding = understanding_of(state)
    return ToolContext(
        store_id=context.store_id,
        conversation_id=state["conversation_id"],
        customer_id=state["customer"].id,
        turn_id=state["turn_id"],
        seen_product_ids=frozenset(seen),
        address=state["customer"].address,
        price_profile=understanding.price_profile,
        price_proof=_stated_for(understanding),
        purchases=len(state["purchases"]),
        affirmed=says_yes(understanding),
        haggles=haggles(state),
        now=context.now(),
    )


def _stated_for(understanding: Understanding) -> tuple[str, ...]:
    """The customer's words that the price profile rests on."""
    wanted = understanding.price_profile
    return tuple(piece.words for piece in understanding.evidence if piece.profile == wanted and piece.kind == "stated")


_TAKES_BACK = frozenset(
    {"remover_carrinho", "pedir_desconto", "adicionar_carrinho", "trocar_devolver", "cancelar_contato"}
)


def says_yes(understanding: Understanding) -> bool:
    """Whether the burst agrees to what was shown, or asks to close, and changes nothing of it in the same breath."""
    entities = understanding.entities
    agrees = entities.affirmation is True or "finalizar_pedido" in understanding.intents
    return (
        agrees
        and entities.affirmation is not False
        and not entities.correction
        and not (_TAKES_BACK & set(understanding.intents))
    )


def _failure(words: str) -> ToolResult:
    content: dict[str, Any] = {"erro": words}
    return ToolResult(content, ok=False)
