import pytest

from benchmarks.engines import mixed_queue


def test_a_short_queue_loses_and_doubles_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert mixed_queue.main(["--minutes", "0.1", "--fault-rate", "0.05"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("| engine | accepted | succeeded |")
    accepted = {row.split(" | ")[0].lstrip("| "): int(row.split(" | ")[1]) for row in lines[2 : lines.index("")]}
    assert accepted.keys() <= {"studio", "queue", "keyed", "localai", "elevenlabs"}
    assert sum(accepted.values()) > 0
    assert lines[lines.index("") + 1] == "Kills: none."
