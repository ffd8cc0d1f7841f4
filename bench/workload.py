"""The one piece of work that both builds do, and how a measurement travels between processes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

SYSTEM = "Você atende no WhatsApp de uma loja. Só diga preços que uma ferramenta devolveu neste turno. " * 20
"""As long as our rendered system prompt, so that both serialise the same amount."""

QUESTION = "Oi, vocês têm bíblia letra grande? quanto custa?"

HISTORY: list[tuple[str, str]] = [
    ("customer", "bom dia"),
    ("seller", "Bom dia! Em que posso ajudar?"),
    ("customer", "vocês entregam em Campinas?"),
    ("seller", "Entregamos em todo o Brasil. O que você procura?"),
    ("customer", "um presente pra minha mãe"),
    ("seller", "Que lindo! Ela gosta de ler?"),
    ("customer", "gosta muito"),
    ("seller", "Temos Bíblias e devocionais. Prefere qual?"),
    ("customer", "bíblia"),
    ("seller", "Perfeito, posso mostrar algumas opções."),
]

RESULT = json.dumps(
    {
        "produtos": [
            {
                "id": f"0000000{number}-0000-4000-8000-000000000000",
                "sku": f"BIB-{number}",
                "nome": "Bíblia Letra Grande",
                "categoria": "Bíblias",
                "marca": "Editora Exemplo",
                "preco": {"centavos": 8990, "texto": "R$ 89,90"},
                "estoque": 12,
                "atributos": {},
            }
            for number in range(1, 4)
        ],
        "motivo": "",
    },
    ensure_ascii=False,
)


@dataclass(frozen=True, slots=True)
class Measured:
    turns: int
    cpu_seconds: float
    """Of the measured process only; model server and Postgres are processes of their own."""
    wall_seconds: float

    @property
    def cpu_ms(self) -> float:
        return self.cpu_seconds / self.turns * 1000


def report(measured: Measured) -> None:
    """Hand the measurement to the parent process."""
    print(json.dumps(asdict(measured)))
