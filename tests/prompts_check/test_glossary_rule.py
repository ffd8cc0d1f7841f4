"""What glossary.toml offers is held against the catalogue of today, when there is one to hold it against."""

from __future__ import annotations

from pathlib import Path

from agent.prompt_library.checking import Finding
from tests.prompts_check.conftest import append, catalogue, findings_in, line_of, plant

GLOSSARY = "glossary.toml"
GONE = "barraca de camping"


def unmatched(folder: Path) -> list[Finding]:
    return [finding for finding in findings_in(folder, products=catalogue()) if finding.code == "P302"]


def test_each_place_of_a_product_the_shop_lacks_is_told(folder: Path) -> None:
    append(folder, GLOSSARY, f'[[occasion]]\nsaid = ["acampadentro"]\nproducts = ["{GONE}"]')
    append(folder, GLOSSARY, f'[[occasion]]\nsaid = ["trilha"]\nproducts = ["{GONE}", "caneca mágica"]')
    found = unmatched(folder)
    first = line_of(folder, GLOSSARY, f'["{GONE}"]')
    assert [(finding.line, finding.column) for finding in found] == [(first, 14), (first + 3, 14)]
    assert {finding.length for finding in found} == {len(GONE)}


def test_the_catalogues_nearest_name_is_offered(folder: Path) -> None:
    append(folder, GLOSSARY, '[[occasion]]\nsaid = ["ceia de advento"]\nproducts = ["kit presente de natal"]')
    (finding,) = unmatched(folder)
    assert "“Kit Presente de Batismo com Bíblia e Certificado”" in finding.suggestion


def test_only_the_first_word_of_a_group_must_be_the_catalogues(folder: Path) -> None:
    append(folder, GLOSSARY, '[[synonym]]\nwords = ["caneca", "copázio"]')
    assert unmatched(folder) == []
    plant(folder, GLOSSARY, '["caneca", "copázio"]', '["copázio", "xicrona"]')
    (finding,) = unmatched(folder)
    assert finding.source == 'words = ["copázio", "xicrona"]'
    assert "copázio" in finding.message


def test_without_a_catalogue_nothing_is_guessed(folder: Path) -> None:
    append(folder, GLOSSARY, f'[[occasion]]\nsaid = ["trilha"]\nproducts = ["{GONE}"]')
    assert findings_in(folder) == []


def test_a_fault_elsewhere_hides_nothing(folder: Path) -> None:
    append(folder, GLOSSARY, f'[[occasion]]\nsaid = ["trilha"]\nproducts = ["{GONE}"]')
    plant(folder, "profiles/mae.md", "label:", "label: [")
    assert [finding.message for finding in unmatched(folder)]


def test_a_writer_may_keep_what_is_out_of_season(folder: Path) -> None:
    block = f'[[occasion]]\nsaid = ["trilha"]\n# permite P302: volta no verão\nproducts = ["{GONE}"]'
    append(folder, GLOSSARY, block)
    assert findings_in(folder, products=catalogue()) == []
