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


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> list[str]:
    return [line for line in CONSTRAINTS.splitlines() if not line.startswith("#")]


def test_an_old_python_can_parse_the_script() -> None:
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


def test_an_old_python_is_rejected_with_a_message(studio: ModuleType) -> None:
    assert studio.unsupported_message((3, 10, 13)) == (
        "Music Studio needs Python 3.11 or newer and this is Python 3.10.13: install one, then start again."
    )
    assert studio.unsupported_message((2, 7)) is not None
    assert [studio.unsupported_message(version) for version in ((3, 11, 0), (3, 13, 9), (3, 14), (4, 0))] == [None] * 4


def test_the_fingerprint_depends_on_python_constraints_and_requirements_not_on_order(studio: ModuleType) -> None:
    fingerprint = studio.fingerprint("3.11.7", "rq==1\n", ["rq", "numpy"])
    assert studio.fingerprint("3.11.7", "rq==1\n", ["numpy", "rq"]) == fingerprint
    others = [
        studio.fingerprint("3.12.1", "rq==1\n", ["rq", "numpy"]),
        studio.fingerprint("3.11.7", "rq==2\n", ["rq", "numpy"]),
        studio.fingerprint("3.11.7", "rq==1\n", ["rq"]),
    ]
    assert len({fingerprint, *others}) == 4


def test_the_requirements_of_a_group_are_read_from_pyproject(studio: ModuleType) -> None:
    project = (PROJECT / "pyproject.toml").read_text()
    run, dev = TABLE["project"]["dependencies"], TABLE["dependency-groups"]["dev"]
    assert studio.requirements(project, "run") == run
    assert studio.requirements(project, "dev") == run + dev


def test_an_environment_is_current_only_with_its_stamp_and_its_python(studio: ModuleType, tmp_path: Path) -> None:
    project = '[project]\ndependencies = ["rq"]\n[dependency-groups]\ndev = ["pytest"]\n'
    (tmp_path / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.7\n")
    assert not studio.is_current(tmp_path, "run", "rq==1", project)
    (tmp_path / "studio-run.stamp").write_text(studio.fingerprint("3.11.7", "rq==1", ["rq"]))
    assert not studio.is_current(tmp_path, "run", "rq==1", project)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch(mode=0o755)
    assert studio.is_current(tmp_path, "run", "rq==1", project)
    assert not studio.is_current(tmp_path, "run", "rq==2", project)
    assert not studio.is_current(tmp_path, "dev", "rq==1", project)
    (tmp_path / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.12.1\n")
    assert not studio.is_current(tmp_path, "run", "rq==1", project)


def test_an_incomplete_environment_is_removed(studio: ModuleType, tmp_path: Path) -> None:
    for name in ("bin", "include", "lib"):
        (tmp_path / name).mkdir()
    (tmp_path / "lib64").symlink_to("lib")
    (tmp_path / "lib" / "half").touch()
    (tmp_path / "studio.lock").touch()
    studio.clear(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["studio.lock"]


def test_a_folder_with_other_files_is_not_removed(studio: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "thesis.odt").touch()
    with pytest.raises(studio.SetupError) as error:
        studio.clear(tmp_path)
    assert str(error.value) == (
        f"The folder {tmp_path} contains files that are not of an environment: choose another with MUSIC_STUDIO_VENV."
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lib", "thesis.odt"]


def test_the_progress_of_uv_counts_packages(studio: ModuleType) -> None:
    resolved = "Using Python 3.12.3 environment at: venv\nResolved 118 packages in 1.20s\n"
    assert [studio.install_progress(resolved, done) for done in (0, 5, 118)] == [
        "downloading 118",
        "installing 6 of 118",
        "installing 118 of 118",
    ]


def test_uv_uses_the_indexes_and_certificates_of_pip(studio: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS", "SSL_CERT_FILE"):
        monkeypatch.delenv(variable, raising=False)
    configuration = """
:env:.cert='/etc/environment.pem'
global.cert='/etc/global.pem'
global.index-url='https://mirror.example/simple'
install.extra-index-url='https://one.example/simple https://two.example/simple'
global.timeout='60'
"""
    assert studio.uv_settings(configuration) == {
        "UV_DEFAULT_INDEX": "https://mirror.example/simple",
        "UV_INDEX": "https://one.example/simple https://two.example/simple",
        "SSL_CERT_FILE": "/etc/environment.pem",
    }
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://own.example/simple")
    assert "UV_DEFAULT_INDEX" not in studio.uv_settings(configuration)
    assert studio.uv_settings("") == {}


def test_additional_indexes_are_used_only_if_the_main_one_is_not_enough(studio: ModuleType) -> None:
    main = {"UV_DEFAULT_INDEX": "https://mirror.example/simple"}
    several = {**main, "UV_INDEX": "https://one.example/simple"}
    assert studio.uv_attempts(several) == [main, several]
    assert studio.uv_attempts(main) == [main]


def test_the_progress_contains_the_current_package(studio: ModuleType) -> None:
    fetched = "Collecting rq==1\n  Downloading rq.whl\nCollecting numpy>=2\n"
    assert studio.install_progress("", 0) == "downloading"
    assert studio.install_progress(fetched, 0) == "downloading 2: numpy"
    order = fetched + "Installing collected packages: numpy, rq\n"
    assert [studio.install_progress(order, done) for done in (0, 1, 2)] == [
        "installing 1 of 2: numpy",
        "installing 2 of 2: rq",
        "installing 2 of 2: rq",
    ]


@pytest.mark.parametrize(
    ("output", "reason"),
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
def test_a_failed_installation_is_explained(studio: ModuleType, tmp_path: Path, output: str, reason: str) -> None:
    message = studio.pip_error_message(output, tmp_path, tmp_path / "install.log")
    assert re.fullmatch(
        rf"The packages could not be installed: {reason}; the log is {re.escape(str(tmp_path))}/install\.log\.",
        message,
    )


def test_tests_run_in_one_process_more_than_cores_by_default(studio: ModuleType) -> None:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert studio.xdist_options(["-k", "name", "tests/core"]) == [
        "-n",
        str((cores or 1) + 1),
        "--dist",
        "worksteal",
    ]
    for arguments in (["-n", "0"], ["-n0"], ["-nauto"], ["--numprocesses=3"], ["-p", "no:xdist"], ["-x", "--pdb"]):
        assert studio.xdist_options(arguments) == []


def test_one_named_file_runs_in_one_process(studio: ModuleType) -> None:
    for arguments in (["tests/core/test_ids.py"], ["-x", "tests/core/test_ids.py::test_name"]):
        assert studio.xdist_options(arguments) == []
    for arguments in (
        ["tests/core/test_ids.py", "tests/core/test_jobs.py"],
        ["tests/core/test_ids.py", "tests/engines"],
    ):
        assert studio.xdist_options(arguments)[0] == "-n"


def test_a_program_that_fails_does_not_satisfy_a_condition(studio: ModuleType) -> None:
    assert studio.satisfies(sys.executable, "sys.version_info >= (3, 11)")
    assert not studio.satisfies(sys.executable, "sys.version_info < (3, 11)")
    assert not studio.satisfies("/bin/false", "True")


def test_constraints_pin_every_direct_dependency_once() -> None:
    direct = [*TABLE["project"]["dependencies"], *TABLE["dependency-groups"]["dev"]]
    required = {normalized(re.split(r"[\[;<>=!~ ]", dependency)[0]) for dependency in direct}
    pinned = [normalized(line.split("==")[0]) for line in pins()]
    assert required - set(pinned) == set()
    assert len(pinned) == len(set(pinned))


def test_constraints_contain_versions_and_no_url() -> None:
    assert [line for line in pins() if not PIN.fullmatch(line)] == []
    assert not re.search(r"://|@|--hash|--index|--find-links", CONSTRAINTS)


def test_a_linked_script_runs_from_any_folder(studio: ModuleType, tmp_path: Path) -> None:
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

    required = studio.requirements((PROJECT / "pyproject.toml").read_text(), "run")
    (venv / "studio-run.stamp").write_text(studio.fingerprint("3.11.0", CONSTRAINTS, required))
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
