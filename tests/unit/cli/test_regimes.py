"""The commands about regimes: side by side, and a question of transfer."""

import json

from click.testing import CliRunner

from madang.cli import main


def test_two_regimes_are_shown_side_by_side() -> None:
    result = CliRunner().invoke(main, ["regimes", "diff", "KR", "in"])
    assert result.exit_code == 0, result.output
    assert "child_age ≠" in result.stdout
    assert "Art 22-2 [S]" in result.stdout


def test_the_difference_as_json_has_every_requirement_of_both() -> None:
    rows = json.loads(CliRunner().invoke(main, ["regimes", "diff", "KR", "IN", "--json"]).stdout)
    assert {"child_age", "smart_city_exemption", "commencement"} <= {row["requirement"] for row in rows}


def test_an_unknown_regime_is_a_line() -> None:
    result = CliRunner().invoke(main, ["regimes", "diff", "KR", "XX"])
    assert result.exit_code != 0
    assert "no regime 'XX'" in result.stderr


def test_a_transfer_that_is_denied_has_the_exit_code_1() -> None:
    denied = CliRunner().invoke(main, ["regimes", "transfer", "KR", "JP"])
    assert denied.exit_code == 1
    assert "separate_consent" in json.loads(denied.stdout)["missing"]
    allowed = CliRunner().invoke(main, ["regimes", "transfer", "KR", "JP", "--basis", "separate_consent"])
    assert allowed.exit_code == 0
