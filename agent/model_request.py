"""Assembles what a chat model is asked in a turn, in one place: the turn asks it, `novo prompts render` shows it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from agent.commands import command_of
from agent.context import AgentContext
from agent.doubt import Choices, answer_format, find_choices, was_settled
from agent.sale_notes import notes_of
from agent.state import ConversationState, understanding_of
from agent.untrusted import one_line, quoted
from agent.views import turn_view


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """The first question of a turn, before any tool has run."""

    prefix: str
    """The part of the system message that is the same in every turn of the profile; a vendor's cache holds it."""
    turn: str
    """The rest of the system message: what is only true now."""
    system: SystemMessage
    past: tuple[BaseMessage, ...]
    """The talk so far, oldest first."""
    said: HumanMessage
    """The burst that is answered."""
    tools: tuple[dict[str, Any], ...]
    """OpenAI function-tool dictionaries, as they go out."""
    answer_as: dict[str, Any] | None = None
    """The `response_format`, in a turn whose profile is in doubt."""

    @property
    def messages(self) -> list[BaseMessage]:
        """All of them, as the model reads them."""
        return [self.system, *self.past, self.said]


async def open_request(state: ConversationState, context: AgentContext, profile: str) -> ModelRequest:
    """What the model is asked first. The state must have gone through load_customer and understand."""
    facts = await context.plugins.gather_context(turn_view(state, context))
    rendered = context.library.render_system(profile, **_prompt_variables(state, context, facts))
    prefix = context.library.prefixes[profile]
    return ModelRequest(
        prefix=prefix,
        turn=rendered.removeprefix(prefix).strip(),
        system=SystemMessage(rendered, additional_kwargs={"brief": make_brief(state, context, profile)}),
        past=tuple(
            HumanMessage(quoted(line["text"])) if line["role"] == "customer" else AIMessage(line["text"])
            for line in state["history"]
        ),
        said=HumanMessage("\n".join(quoted(message["text"]) or f"[{message['kind']}]" for message in state["burst"])),
        tools=tuple(offered_tools(state, context, profile)),
        answer_as=wanted_format(state, context),
    )


def doubt_of(state: ConversationState, context: AgentContext) -> Choices:
    """The profiles between which the turn's understanding cannot decide; the same through the whole turn."""
    understanding = understanding_of(state)
    if was_settled(understanding):
        return {}
    labels = {name: profile.label for name, profile in context.library.profiles.items()}
    return find_choices(understanding.distribution, labels)


def wanted_format(state: ConversationState, context: AgentContext) -> dict[str, Any] | None:
    """How the answer is wanted: with a choice of profile where there is a doubt and a model that can settle it."""
    choices = _asked_choices(state, context)
    return answer_format(choices) if choices else None


def _asked_choices(state: ConversationState, context: AgentContext) -> Choices:
    return doubt_of(state, context) if context.models.takes_formats else {}


def offered_tools(state: ConversationState, context: AgentContext, profile: str) -> list[dict[str, Any]]:
    """The tools of the profile, as the model reads them; none once the turn has used up its calls."""
    if len(state["tool_runs"]) >= context.max_tool_calls:
        return []
    wanted = context.library.profiles[profile].tools
    return [dict(schema) for schema in context.toolset.schemas(wanted or None)]


def make_brief(state: ConversationState, context: AgentContext, profile: str) -> dict[str, Any]:
    """What local understanding found, in plain JSON: the offline seller speaks from it, other models never see it."""
    understanding = understanding_of(state)
    entities = understanding.entities
    return {
        "profile": profile,
        "voice": context.library.voice(profile),
        "store": context.library.store,
        "intents": list(understanding.intents),
        "entities": {
            "quantity": entities.quantity,
            "ordinals": list(entities.ordinals),
            "ordinal_quantities": [list(pair) for pair in entities.ordinal_quantities],
            "points_back": entities.points_back,
            "max_centavos": entities.max_price.centavos if entities.max_price else None,
            "product_query": entities.product_query,
            "sizes": list(entities.sizes),
            "colors": list(entities.colors),
            "negated": list(entities.negated),
            "affirmation": entities.affirmation,
            "correction": entities.correction,
            "quantities": list(entities.quantities),
            "ceps": list(entities.ceps),
            "documents": [*entities.cpfs, *entities.cnpjs],
            "title": entities.title,
        },
        "customer_name": state["customer"].name,
        "first_contact": not state["history"],
        "listed": state["listed"],
        "focus": state["focus"],
        "sale": notes_of(state),
        "command": command_of(state),
        "may_upsell": not state["topics"].no_upsell and not state["topics"].now,
        "has_verses": bool(context.library.verses),
        "message_kinds": [message["kind"] for message in state["burst"]],
        "local_time": context.now().isoformat(),
        "seed": state["turn_id"],
        "problems": [],
    }


def _prompt_variables(state: ConversationState, context: AgentContext, facts: list[str]) -> dict[str, Any]:
    understanding = understanding_of(state)
    choices = _asked_choices(state, context)
    return {
        "care": state["topics"].no_upsell or state["topics"].tender,
        "doubt": [{"name": name, "label": label} for name, label in choices.items()],
        "customer_name": one_line(state["customer"].name),
        "purchases": len(state["purchases"]),
        "local_time": context.now().strftime("%d/%m/%Y %H:%M"),
        "facts": facts,
        "listed": state["listed"],
        "focus": state["focus"],
        "understanding": asdict(understanding),
    }
