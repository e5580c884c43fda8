import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.settings import PROJECT

PAGE = PROJECT / "docs" / "guides" / "add-a-language.md"
READ_SCRIPT = """
import json, sys
from engines.studio.prompt import reader
for prompt in sys.argv[1:]:
    request = reader.read(prompt, ())
    length = request.length and request.length.seconds
    print(json.dumps({
        "style": request.style.key, "tempo": request.tempo, "key": [request.tonic, request.mode],
        "metre": request.metre, "moods": request.moods, "wanted": sorted(request.included),
        "unwanted": sorted(request.excluded), "reduced": request.reduced, "alone": request.is_solo,
        "changes": sorted(request.transformations), "length": length, "languages": request.languages,
        "unread": request.words_ignored,
    }))
"""
READINGS: dict[str, dict[str, object]] = {
    "trankvila popolmuziko kun fluto, sen tamburoj, 90 batoj minute": {
        "style": "folk",
        "tempo": 90.0,
        "moods": ["calm"],
        "wanted": ["flute"],
        "unwanted": ["drums"],
        "languages": ["eo"],
    },
    "Malgaja valso en la minora kun akustikan gitaron": {
        "style": "waltz",
        "metre": "3/4",
        "key": [9, "minor"],
        "moods": ["sad"],
        "wanted": ["acoustic_guitar"],
    },
    "nur piano, hela muziko": {"wanted": ["piano"], "alone": True, "changes": ["bright"]},
    "tamburo: neniu, tonalo: do maĵora, du minutoj": {"unwanted": ["drums"], "key": [0, "major"], "length": 120.0},
    "malpli da tamburoj, gajan fluton": {"reduced": ["drums"], "moods": ["happy"], "wanted": ["flute"]},
}


@pytest.fixture
def studio(tmp_path: Path) -> Path:
    """Return a copy of the engine with the language of the page added."""
    for package in ("engines", "core"):
        shutil.copytree(PROJECT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    blocks = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 1
    (tmp_path / "engines" / "studio" / "languages" / "eo.toml").write_text(blocks[0], encoding="utf-8")
    return tmp_path


def test_prompts_in_the_language_of_the_page_are_read(studio: Path) -> None:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", READ_SCRIPT, *READINGS],
        cwd=studio,
        env={**os.environ, "PYTHONPATH": str(studio)},
        capture_output=True,
        text=True,
        check=True,
    )
    for (prompt, expected), line in zip(READINGS.items(), done.stdout.splitlines(), strict=True):
        found = json.loads(line)
        assert {"prompt": prompt, **{name: found[name] for name in expected}} == {"prompt": prompt, **expected}
        assert found["unread"] == [], prompt
