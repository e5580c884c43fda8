import pytest

from benchmarks.soak import __main__ as command


def test_a_short_run_reports_every_kind_of_request_and_no_server_error(capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["--minutes", "0.02"])
    output = capsys.readouterr().out
    rows = {line.split(" | ")[0].removeprefix("| "): line.split(" | ") for line in output.splitlines()}
    assert rows["create generation"][2].startswith("202: ")
    assert rows["start focus session"][2].startswith("202: ")
    assert rows["invalid key"][2].startswith("401: ")
    assert {rows[name][3] for name in ("create generation", "GraphQL library", "list tracks", "invalid body")} == {"0"}
    assert "restarts: 0" in output
