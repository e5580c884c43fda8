from pathlib import Path

import pytest

from engines.studio.dsp import heap

HUGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage")


def heap_flags() -> set[str]:
    """Return the flags of the parts of this process's heap (proc_pid_smaps(5))."""
    flags, is_heap = set(), False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        name = line.split()[0]
        if "-" in name:
            is_heap = line.endswith("[heap]")
        elif is_heap and name == "VmFlags:":
            flags.update(line.split()[1:])
    return flags


@pytest.mark.skipif(not HUGE_PAGES.exists(), reason="the system has no transparent huge pages")
def test_the_heap_may_use_huge_pages() -> None:
    heap.keep_freed_memory()
    assert "hg" in heap_flags()
