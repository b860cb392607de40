from __future__ import annotations

import os
from pathlib import Path

from benchmarks.machine import file_system
from benchmarks.quiet import busy_seconds

MOUNTS = """\
/dev/vda / ext4 rw,relatime 0 0
tmpfs /tmp tmpfs rw 0 0
/dev/vdb /mnt/my\\040disk xfs rw 0 0
"""


def test_the_file_system_is_that_of_the_nearest_mount() -> None:
    assert file_system(MOUNTS, Path("/home/ada")) == "ext4"
    assert file_system(MOUNTS, Path("/tmp/ada")) == "tmpfs"


def test_a_mount_may_have_a_space_in_its_name() -> None:
    assert file_system(MOUNTS, Path("/mnt/my disk/data")) == "xfs"


def test_a_processor_that_waits_is_not_busy() -> None:
    ticks = os.sysconf("SC_CLK_TCK")
    stat = f"cpu  {ticks} {ticks} {ticks} 99999 99999 0 {ticks} 0 0 0\ncpu0 1 1 1 1\n"
    assert busy_seconds(stat) == 4.0
