"""Where rules guess by words: what they must let pass, what they must still see, and how a writer overrules them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.prompts_check.conftest import append, codes_in, findings_in, line_of, plant

PHRASES = "phrases.pt-BR.toml"


@pytest.mark.parametrize(
    "text",
    [
        'Nunca diga "te aviso quando chegar".',
        "Não garanta prazo: nada de “chega amanhã”.",
        "Nunca: prometo, garanto, vou reservar.",
    ],
)
def test_an_instruction_may_forbid_a_promise(folder: Path, text: str) -> None:
    append(folder, "profiles/fiel.md", text)
    assert "P501" not in codes_in(folder)


@pytest.mark.parametrize(
    "text", ["Diga que vou reservar.", "Pode dizer: GARANTO que serve.", "Já separei para a pessoa"]
)
def test_an_instruction_may_not_ask_for_one(folder: Path, text: str) -> None:
    append(folder, "profiles/novo.md", f"\n## Abertura\n{text}")
    assert "P501" in codes_in(folder)


def test_a_customer_may_be_told_what_is_not_promised(folder: Path) -> None:
    plant(folder, PHRASES, "Por nada{vocative}!", "O prazo eu não garanto.")
    assert codes_in(folder) == []


def test_a_list_of_what_never_to_say_is_no_demand(folder: Path) -> None:
    append(folder, "profiles/jovem.md", "\n## O que nunca dizer\n- Te aviso quando chegar.\n- Ofereça sermão.")
    assert codes_in(folder) == []


def test_a_profiles_own_words_replace_the_common_ones(folder: Path) -> None:
    """An emoji in a common sentence is a fault only for the profile that would say it."""
    plant(folder, PHRASES, "Oi{vocative}, {period}! Aqui é da {store}", "Oi{vocative}, {period}! 🎉 Aqui é da {store}")
    assert "P401" not in [finding.code for finding in findings_in(folder) if "pastor" in finding.message]


def test_religious_senhor_is_not_a_treatment(folder: Path) -> None:
    plant(folder, "profiles/novo.md", "Quer saber mais de alguma?", "A paz do Senhor! Quer saber mais de alguma?")
    assert "P402" not in codes_in(folder)


def test_two_treatments_in_one_prompt_are_a_contradiction(folder: Path) -> None:
    append(folder, "system.md", "Trate todo cliente por você.")
    found = [finding for finding in findings_in(folder) if finding.code == "P402"]
    assert "profiles/pastor.md" in {finding.file for finding in found}
    assert any("system.md:" in finding.message for finding in found)


def test_a_ban_and_a_demand_are_told_with_both_places(folder: Path) -> None:
    append(folder, "system.md", "Nunca ofereça brinde a quem reclama.")
    append(folder, "profiles/mae.md", "\n## Fechamento\nOfereça um brinde a quem reclama do preço.")
    (found,) = (finding for finding in findings_in(folder) if finding.code == "P403")
    assert (found.file, found.line) == ("profiles/mae.md", line_of(folder, "profiles/mae.md", "Ofereça um brinde"))
    assert f"system.md:{line_of(folder, 'system.md', 'Nunca ofereça brinde')}" in found.message


def test_different_things_are_no_contradiction(folder: Path) -> None:
    append(folder, "system.md", "Nunca ofereça brinde a quem reclama.")
    append(folder, "profiles/mae.md", "\n## Fechamento\nOfereça embrulho para presente.")
    assert "P403" not in codes_in(folder)


def test_one_instruction_in_three_profiles_belongs_in_the_common_file(folder: Path) -> None:
    for profile in ("mae", "fiel", "novo"):
        append(folder, f"profiles/{profile}.md", "\n## Embrulho\nLembre que a loja embrulha qualquer presente na hora.")
    (found,) = (finding for finding in findings_in(folder) if finding.code == "P410")
    assert "fiel, mae, novo" in found.message
    assert "system.md" in found.suggestion


@pytest.mark.parametrize(
    ("file", "old", "comment"),
    [
        (PHRASES, "thanks_reply = [", "# permite P201: preço simbólico de uma campanha\nthanks_reply = ["),
        ("profiles/mae.md", "label:", "# permite P201: preço simbólico de uma campanha\nlabel:"),
    ],
)
def test_a_writer_may_permit_a_finding_with_a_reason(folder: Path, file: str, old: str, comment: str) -> None:
    if file == PHRASES:
        plant(folder, PHRASES, "Por nada{vocative}!", "Foi um real!")
    else:
        append(folder, file, "Diga que o embrulho custa um real.")
    assert codes_in(folder) == ["P201"]
    plant(folder, file, old, comment)
    assert codes_in(folder) == []


def test_a_permit_needs_its_reason(folder: Path) -> None:
    plant(folder, PHRASES, "Por nada{vocative}!", "Foi um real!")
    plant(folder, PHRASES, "thanks_reply = [", "# permite P201\nthanks_reply = [")
    assert codes_in(folder) == ["P001", "P201"]


def test_a_line_of_code_may_say_why_its_text_is_no_prompt(folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "runtime" / "notices.py"
    source.parent.mkdir()
    source.write_text('NOTICE = "Olá, isso é para você ver no painel"  # text in code: for the owner\n')
    assert findings_in(folder, tmp_path) == []


def test_english_and_patterns_are_no_text_for_customers(folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "tools" / "reading.py"
    source.parent.mkdir()
    source.write_text(
        'HINT = "there is no such file: create it or mend its rights"\n'
        'WORDS = r"(?<![a-z])para (?:a|o|as|os) (?:igreja|que|com) isso"\n'
        'def refuse():\n    raise ValueError("isso não pode ser usado com essa loja")\n'
    )
    assert findings_in(folder, tmp_path) == []


def test_what_stops_the_seller_cannot_be_permitted(folder: Path) -> None:
    plant(folder, "turn.md", "{{ purchases }}", "muitas")
    plant(folder, "turn.md", "variables:\n", "# permite P101: vai ser usada depois\nvariables:\n")
    assert sorted(codes_in(folder)) == ["P001", "P101", "P110"]
