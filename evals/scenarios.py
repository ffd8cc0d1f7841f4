"""What a scenario file may say: the models behind evals/cenarios/*.yaml; keys are Portuguese because QA writes them."""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, model_validator

Mode = Literal["seller", "attendant", "opted_out"]
Risk = Literal["critico", "normal"]


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Text = Annotated[str, Field(min_length=1)]
Profile = Annotated[str, Field(pattern=r"^[a-z][a-z_]*$", description="Nome de um arquivo de prompts/profiles/.")]
Units = Annotated[int, Field(ge=1)]
Burst = Annotated[
    list[Text],
    Field(min_length=1, json_schema_extra={"type": ["string", "array"]}),
    BeforeValidator(_as_list),
]
"""One message, or several that the customer sends in a row; always a list once it is read."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PastItem(_Strict):
    """Um produto de uma compra anterior."""

    sku: Text
    qtd: Units = 1


class PastOrder(_Strict):
    """Uma compra já concluída, gravada antes da conversa começar."""

    data: date
    itens: Annotated[list[PastItem], Field(min_length=1)]


class ScriptedCustomer(_Strict):
    """Quem escreve, e o que escreve, na ordem."""

    nome: Text
    roteiro: Annotated[
        list[Burst],
        Field(min_length=1, description="Cada item é um texto, ou uma lista de textos enviados em rajada."),
    ]


class ExpectedLine(_Strict):
    """Uma linha do carrinho no fim da conversa."""

    sku: Text
    qtd: Units


class Expected(_Strict):
    """Como a conversa deve terminar. O que não está escrito aqui não pode ter mudado."""

    perfil_escolhido: Annotated[
        list[Profile],
        Field(
            description="O perfil de cada turno, na ordem; um só nome vale para todos. Ausente: o `perfil` do cenário.",
            json_schema_extra={"type": ["string", "array"]},
        ),
        BeforeValidator(_as_list),
    ] = []
    perfil_de_preco: Annotated[
        Profile | None, Field(description="O perfil que só os fatos ditos sustentam, no último turno.")
    ] = None
    deve_dizer: Annotated[
        list[Burst],
        Field(description="Cada item aparece em alguma resposta; numa lista, basta uma das formas."),
    ] = []
    nao_deve_dizer: Annotated[list[Text], Field(description="Nenhuma resposta pode conter.")] = []
    carrinho: Annotated[list[ExpectedLine], Field(description="O carrinho no fim; ausente: vazio.")] = []
    modo: Annotated[Mode, Field(description="Quem responde no fim: o vendedor, uma pessoa, ou ninguém.")] = "seller"
    escalou: Annotated[bool | None, Field(description="Uma pessoa foi chamada? Ausente: decidido por `modo`.")] = None
    descadastrou: Annotated[bool | None, Field(description="O descadastro foi gravado? Ausente: por `modo`.")] = None
    ferramentas: Annotated[list[Text], Field(description="Ferramentas que têm de ter sido usadas com sucesso.")] = []
    sem_resposta_apos: Annotated[
        int | None, Field(ge=1, description="Depois deste turno (o primeiro é 1) nada mais é enviado.")
    ] = None

    @property
    def escalated(self) -> bool:
        return self.modo == "attendant" if self.escalou is None else self.escalou

    @property
    def opted_out(self) -> bool:
        return self.modo == "opted_out" if self.descadastrou is None else self.descadastrou


class Scenario(_Strict):
    """Uma conversa de ponta a ponta e o que se espera dela."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", description="Letras minúsculas, números e hífens.")]
    perfil: Annotated[Profile, Field(description="Quem o cliente é de verdade.")]
    risco: Annotated[Risk, Field(description="critico: nunca pode falhar.")] = "normal"
    historico: Annotated[list[PastOrder], Field(description="Compras anteriores deste cliente.")] = []
    cliente: ScriptedCustomer
    espera: Expected

    @model_validator(mode="after")
    def _turns_match(self) -> Self:
        turns = len(self.cliente.roteiro)
        profiles = self.espera.perfil_escolhido
        if len(profiles) > 1 and len(profiles) != turns:
            raise ValueError(f"perfil_escolhido tem {len(profiles)} nomes, mas o roteiro tem {turns} turnos")
        after = self.espera.sem_resposta_apos
        if after is not None and after >= turns:
            raise ValueError(f"sem_resposta_apos é {after}, mas não há turno depois dele: o roteiro tem {turns}")
        return self

    def expected_profiles(self) -> list[str]:
        """The profile of each turn, one name a turn."""
        named = self.espera.perfil_escolhido or [self.perfil]
        return named if len(named) > 1 else named * len(self.cliente.roteiro)


def scenario_schema() -> dict[str, Any]:
    """The JSON schema of a scenario file, for editors; `evals/esquema.json` is this, and a test keeps it so."""
    schema = TypeAdapter(list[Scenario]).json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Cenários de avaliação"} | schema


if __name__ == "__main__":
    sys.stdout.write(json.dumps(scenario_schema(), ensure_ascii=False, indent=2) + "\n")
