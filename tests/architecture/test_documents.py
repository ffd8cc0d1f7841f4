"""Documents that code can check: generated parts are current, and the settings are all there."""

from __future__ import annotations

from docs.generate import documents
from settings import ROOT, Settings, variable_name


def test_generated_parts_are_current() -> None:
    for path, text in documents().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.relative_to(ROOT)} is out of date: run `make docs`"


def test_every_variable_is_explained() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    for info in Settings.model_fields.values():
        assert f"{variable_name(info)}=" in example
        assert info.description


def test_local_links_lead_somewhere() -> None:
    import re

    for path in [
        *ROOT.glob("*.md"),
        *ROOT.glob("*/README.md"),
        *ROOT.glob("tools/*/README.md"),
        *ROOT.glob("docs/*.md"),
    ]:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (path.parent / target).exists(), f"{path.relative_to(ROOT)} links to {target}"
