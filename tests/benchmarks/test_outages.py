import pytest

from benchmarks.outages import kills


@pytest.mark.timeout(1000)
def test_a_round_of_kills_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    kills.main(["--rounds", "1", "--deadline", "200"])
    output = capsys.readouterr().out
    assert [line.split(" | ")[:2] for line in output.splitlines() if line[:3] != "|--"][1:5] == [
        [f"| {name}", "1"] for name in kills.PROCESSES
    ]
    assert output.endswith("4 accepted generations finished once.\n")
