from pathlib import Path

import numpy as np
import pytest

from engines.port import SAMPLE_RATE
from engines.studio.mixing import endings
from engines.studio.mixing.mixdown import Mixdown

FRAMES = 2 * SAMPLE_RATE


def levels(tmp_path: Path, *, fades_in: bool, fades_out: bool) -> tuple[float, float, float]:
    """Return the level of a constant signal at its start, in its middle and at its end, after fading."""
    tmp_path.joinpath("mix").mkdir()
    mixdown = Mixdown(tmp_path / "mix", ["bass"], FRAMES)
    signal = np.ones((2, FRAMES), dtype=np.float32)
    mixdown.write({"bass": signal}, signal)
    faded = endings.fade(mixdown, tmp_path / "faded", lambda _: None, fades_in=fades_in, fades_out=fades_out)
    sound = np.fromfile(faded.paths["bass"], dtype="<f4").reshape(-1, 2)[:, 0]
    assert np.array_equal(sound, np.fromfile(faded.paths["mix"], dtype="<f4").reshape(-1, 2)[:, 0])
    return float(sound[0]), float(sound[FRAMES // 2]), float(sound[-1])


@pytest.mark.parametrize(
    ("fades_in", "fades_out", "expected"),
    [(True, False, (0, 1, 1)), (False, True, (1, 1, 0)), (True, True, (0, 1, 0))],
)
def test_a_mix_fades_in_and_out(
    fades_in: bool,  # noqa: FBT001  a parameter of the test
    fades_out: bool,  # noqa: FBT001
    expected: tuple[int, int, int],
    tmp_path: Path,
) -> None:
    assert levels(tmp_path, fades_in=fades_in, fades_out=fades_out) == pytest.approx(expected, abs=1e-3)
