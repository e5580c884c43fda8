import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.settings import PROJECT

PAGE = PROJECT / "docs" / "guides" / "add-a-style.md"
RENDER_SCRIPT = """
import json, pathlib, sys, tempfile
import numpy as np
from engines.port import RenderRequest
from engines.registry import EngineRegistry
class Silent:
    def report(self, stage, fraction): pass
request, folder = RenderRequest("a polka please", 5.0, 1), tempfile.mkdtemp(dir=sys.argv[1])
made = EngineRegistry().load("studio").render(request, pathlib.Path(folder), Silent())
level = float(np.sqrt(np.mean(np.square(np.concatenate(list(made.master.blocks()))))))
facts = made.facts
print(json.dumps([facts.style, sorted(made.stems), list(made.report.words_used), level, made.master.frames]))
"""


@pytest.fixture
def studio(tmp_path: Path) -> Path:
    """Return a copy of the engine with the style of the page added."""
    for package in ("engines", "core"):
        shutil.copytree(PROJECT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 1
    styles = tmp_path / "engines" / "studio" / "styles"
    (styles / "polka.py").write_text(blocks[0], encoding="utf-8")
    return tmp_path


def test_a_prompt_with_the_name_of_the_style_renders_it(studio: Path) -> None:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", RENDER_SCRIPT, str(studio)],
        cwd=studio,
        env={**os.environ, "PYTHONPATH": str(studio)},
        capture_output=True,
        text=True,
        check=True,
    )
    style, stems, used, level, frames = json.loads(done.stdout)
    assert style == "Polka"
    assert stems == ["bass", "drums", "harmony", "melody"]
    assert "polka" in used
    assert level > 0.05
    assert frames == 5 * 44_100
