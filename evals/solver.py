"""Plays a scenario through our own graph as an Inspect solver; asks no Inspect model, so nothing is ever downloaded."""

from __future__ import annotations

from collections.abc import Callable

from inspect_ai.dataset import Sample
from inspect_ai.model import ChatMessageAssistant, ChatMessageUser, ModelOutput
from inspect_ai.solver import Generate, Solver, TaskState, solver

from evals.records import PLAYED, PlayedScenario
from evals.scenarios import Scenario
from evals.world import World

_SCENARIO = "cenario"


def sample_of(scenario: Scenario) -> Sample:
    """The scenario as Inspect's sample; the whole scenario travels along, so that a log can be scored again."""
    opening = "\n".join(scenario.cliente.roteiro[0])
    return Sample(id=scenario.id, input=opening, metadata={_SCENARIO: scenario.model_dump(mode="json")})


def seller_solver(world: World, on_done: Callable[[str], None]) -> Solver:
    """A solver that lets each sample's customer talk to the world's seller; `on_done` hears each finished id."""

    # Inspect writes a solver's arguments into its log: the world stays out of them.
    @solver(name="novo_seller")
    def build() -> Solver:
        async def solve(state: TaskState, generate: Generate) -> TaskState:
            try:
                played = await world.play(scenario_of(state), epoch=state.epoch)
            finally:
                on_done(str(state.sample_id))
            state.store.set(PLAYED, played.model_dump(mode="json"))
            _show(state, played)
            return state

        return solve

    return build()


def scenario_of(state: TaskState) -> Scenario:
    return Scenario.model_validate(state.metadata[_SCENARIO])


def played_of(state: TaskState) -> PlayedScenario:
    return PlayedScenario.model_validate(state.store.get(PLAYED))


def _show(state: TaskState, played: PlayedScenario) -> None:
    """The dialogue as Inspect's log viewer shows it."""
    state.messages = [
        message
        for turn in played.turns
        for message in (
            *(ChatMessageUser(content=text) for text in turn.said),
            *(ChatMessageAssistant(content=text) for text in turn.replies),
        )
    ]
    said = [reply for turn in played.turns for reply in turn.replies]
    state.output = ModelOutput.from_content("novo", said[-1] if said else "")
