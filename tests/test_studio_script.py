import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

PROJECT = Path(__file__).resolve().parents[1]
SCRIPT = PROJECT / "studio"
TABLE = tomllib.loads((PROJECT / "pyproject.toml").read_text())
CONSTRAINTS = (PROJECT / "constraints.txt").read_text()
PIN = re.compile(r'([A-Za-z0-9._-]+)==([0-9][A-Za-z0-9.]*)(; python_(full_)?version (<|>=) "[0-9.]+")?')


@pytest.fixture(scope="module")
def studio() -> ModuleType:
    """The script, loaded as a module and not run."""
    loader = SourceFileLoader("studio_script", str(SCRIPT))
    spec = spec_from_loader(loader.name, loader)
    assert spec
    module = module_from_spec(spec)
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    loader.exec_module(module)
    sys.dont_write_bytecode = before
    return module


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> list[str]:
    return [line for line in CONSTRAINTS.splitlines() if not line.startswith("#")]


def test_an_old_python_can_read_the_script() -> None:
    ast.parse(SCRIPT.read_text(), feature_version=(3, 6))


def test_the_script_is_executable_and_finds_any_python() -> None:
    assert os.access(SCRIPT, os.X_OK)
    assert SCRIPT.read_text().startswith("#!/usr/bin/env python3\n")


def test_the_script_imports_the_standard_library_only() -> None:
    nodes = list(ast.walk(ast.parse(SCRIPT.read_text())))
    plain_imports = {name.name.split(".")[0] for node in nodes if isinstance(node, ast.Import) for name in node.names}
    from_imports = {str(node.module).split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom)}
    assert (plain_imports | from_imports) - sys.stdlib_module_names == set()


def test_the_version_is_printed_without_an_environment(studio: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert studio.main(["--version"]) == 0
    assert capsys.readouterr().out == f"Music Studio {TABLE['project']['version']}\n"


def test_an_old_python_is_refused_in_a_sentence(studio: ModuleType) -> None:
    assert studio.refusal_of((3, 10, 13)) == (
        "Music Studio needs Python 3.11 or newer and this is Python 3.10.13: install one, then start again."
    )
    assert studio.refusal_of((2, 7)) is not None
    assert [studio.refusal_of(version) for version in ((3, 11, 0), (3, 13, 9), (3, 14), (4, 0))] == [None] * 4


def test_the_stamp_changes_with_python_pins_and_wishes_and_not_with_their_order(studio: ModuleType) -> None:
    mark = studio.stamp("3.11.7", "rq==1\n", ["rq", "numpy"])
    assert studio.stamp("3.11.7", "rq==1\n", ["numpy", "rq"]) == mark
    others = [
        studio.stamp("3.12.1", "rq==1\n", ["rq", "numpy"]),
        studio.stamp("3.11.7", "rq==2\n", ["rq", "numpy"]),
        studio.stamp("3.11.7", "rq==1\n", ["rq"]),
    ]
    assert len({mark, *others}) == 4


def test_the_groups_are_read_from_the_project_file(studio: ModuleType) -> None:
    project = (PROJECT / "pyproject.toml").read_text()
    run, dev = TABLE["project"]["dependencies"], TABLE["dependency-groups"]["dev"]
    assert studio.wishes(project, "run") == run
    assert studio.wishes(project, "dev") == run + dev


def test_an_environment_is_current_only_with_its_stamp_and_its_python(studio: ModuleType, tmp_path: Path) -> None:
    project = '[project]\ndependencies = ["rq"]\n[dependency-groups]\ndev = ["pytest"]\n'
    (tmp_path / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.7\n")
    assert not studio.is_current(tmp_path, "run", "rq==1", project)
    (tmp_path / "studio-run.stamp").write_text(studio.stamp("3.11.7", "rq==1", ["rq"]))
    assert not studio.is_current(tmp_path, "run", "rq==1", project)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch(mode=0o755)
    assert studio.is_current(tmp_path, "run", "rq==1", project)
    assert not studio.is_current(tmp_path, "run", "rq==2", project)
    assert not studio.is_current(tmp_path, "dev", "rq==1", project)
    (tmp_path / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.12.1\n")
    assert not studio.is_current(tmp_path, "run", "rq==1", project)


def test_what_a_killed_start_left_is_cleared(studio: ModuleType, tmp_path: Path) -> None:
    for name in ("bin", "include", "lib"):
        (tmp_path / name).mkdir()
    (tmp_path / "lib64").symlink_to("lib")
    (tmp_path / "lib" / "half").touch()
    (tmp_path / "studio.lock").touch()
    studio.clear(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["studio.lock"]


def test_a_folder_of_other_things_is_never_cleared(studio: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "thesis.odt").touch()
    with pytest.raises(studio.Refused) as refusal:
        studio.clear(tmp_path)
    assert str(refusal.value) == (
        f"The folder {tmp_path} holds other things than an environment: choose another with MUSIC_STUDIO_VENV."
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lib", "thesis.odt"]


def test_progress_names_the_package_pip_is_at(studio: ModuleType) -> None:
    fetched = "Collecting rq==1\n  Downloading rq.whl\nCollecting numpy>=2\n"
    assert studio.progress_of("", 0) == "fetching"
    assert studio.progress_of(fetched, 0) == "fetching 2: numpy"
    order = fetched + "Installing collected packages: numpy, rq\n"
    assert [studio.progress_of(order, done) for done in (0, 1, 2)] == [
        "installing 1 of 2: numpy",
        "installing 2 of 2: rq",
        "installing 2 of 2: rq",
    ]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("ERROR: No matching distribution found for rq==1", r"rq==1 has no wheel for Python 3\.\d+ on \w+ \w+"),
        (
            "WARNING: Retrying, broken by NewConnectionError\nERROR: No matching distribution found for rq==1",
            "the package index cannot be reached; check the network, then start again",
        ),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "the disk of .* is full",
        ),
        (
            "The user requested rq\n The user requested (constraint) rq==1\nERROR: ResolutionImpossible: for help",
            r"rq==1 has no wheel for Python 3\.\d+ on \w+ \w+",
        ),
        ("ERROR: ResolutionImpossible: for help", "constraints.txt does not fit pyproject.toml"),
        ("ERROR: Something else.", "Something else"),
        ("", "pip failed"),
    ],
)
def test_a_failed_installation_is_explained(studio: ModuleType, tmp_path: Path, said: str, reason: str) -> None:
    sentence = studio.trouble(said, tmp_path, tmp_path / "install.log")
    assert re.fullmatch(
        rf"The packages could not be installed: {reason}; the log is {re.escape(str(tmp_path))}/install\.log\.",
        sentence,
    )


def test_tests_run_on_every_core_unless_the_caller_chose(studio: ModuleType) -> None:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert studio.parallel(["-k", "name", "tests/core"]) == ["-n", str(cores)]
    for words in (["-n", "0"], ["-n0"], ["-nauto"], ["--numprocesses=3"], ["-p", "no:xdist"], ["-x", "--pdb"]):
        assert studio.parallel(words) == []


def test_another_pythons_failure_is_not_ours(studio: ModuleType) -> None:
    assert studio.fits(sys.executable, "sys.version_info >= (3, 11)")
    assert not studio.fits(sys.executable, "sys.version_info < (3, 11)")
    assert not studio.fits("/bin/false", "True")


def test_constraints_pin_every_direct_dependency_once() -> None:
    direct = [*TABLE["project"]["dependencies"], *TABLE["dependency-groups"]["dev"]]
    wanted = {plain(re.split(r"[\[;<>=!~ ]", dependency)[0]) for dependency in direct}
    pinned = [plain(line.split("==")[0]) for line in pins()]
    assert wanted - set(pinned) == set()
    assert len(pinned) == len(set(pinned))


def test_constraints_hold_versions_and_no_address() -> None:
    assert [line for line in pins() if not PIN.fullmatch(line)] == []
    assert not re.search(r"://|@|--hash|--index|--find-links", CONSTRAINTS)


def test_a_linked_script_hands_over_from_any_folder(studio: ModuleType, tmp_path: Path) -> None:
    project = tmp_path / "a project"
    project.mkdir()
    for name in ("studio", "constraints.txt", "pyproject.toml"):
        shutil.copy(PROJECT / name, project / name)
    (project / "server").mkdir()
    (project / "server" / "cli.py").write_text("import os, sys\nprint(sys.argv[1:], os.getcwd())\n")
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(sys.executable)
    (venv / "pyvenv.cfg").write_text("version = 3.11.0\n")
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "server").mkdir(parents=True)
    (elsewhere / "server" / "cli.py").write_text("print('the wrong one')\n")
    (elsewhere / "studio").symlink_to(project / "studio")

    needed = studio.wishes((PROJECT / "pyproject.toml").read_text(), "run")
    (venv / "studio-run.stamp").write_text(studio.stamp("3.11.0", CONSTRAINTS, needed))
    run = subprocess.run(
        [sys.executable, "./studio", "generate", "two words", "-o", "track.mp3"],
        cwd=elsewhere,
        env={**os.environ, "MUSIC_STUDIO_VENV": str(venv)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == f"['generate', 'two words', '-o', 'track.mp3'] {elsewhere}\n"
    assert run.stderr == ""
