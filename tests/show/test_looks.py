from __future__ import annotations

from byom_magics.show.looks import controls_css


def test_the_rules_are_for_one_panel() -> None:
    rules = controls_css("byom-picker")
    assert rules.count("{") == rules.count("}") == 4
    assert all(line.startswith((".byom-picker ", "  {")) for line in rules.strip().splitlines())
