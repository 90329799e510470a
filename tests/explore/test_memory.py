"""A search takes what every limit leaves, whoever set it, and nothing of what comes after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from steptable.explore.memory import ROOM, available, left_of_machine

MB = 1 << 20

V2 = "26 25 0:23 {of} /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
V1 = "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n" + (
    "35 31 0:32 {of} /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
)


def system(root: Path, files: dict[str, str], mount: str = "", groups: str = "") -> Path:
    """The files of a system that has 1000 MB left, as far as they are given."""
    known = {
        "proc/meminfo": "MemTotal: 2048000 kB\nMemAvailable: 1024000 kB\nBuffers: 5 kB\n",
        "proc/self/mountinfo": "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n" + mount,
        "proc/self/cgroup": groups,
    }
    for name, text in (known | files).items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


def v2(where: str, limit: str, current: int, **more: str) -> dict[str, str]:
    """A control group of version 2; numbers are megabytes."""
    folder = f"sys/fs/cgroup{where}"
    amount = str(int(limit) * MB) if limit.isdigit() else limit
    files = {"max": amount, "current": str(current * MB)} | more
    return {f"{folder}/memory.{name}": f"{text}\n" for name, text in files.items()}


def v1(where: str, limit: int, usage: int, **more: str) -> dict[str, str]:
    """A control group of version 1."""
    folder = f"sys/fs/cgroup/memory{where}"
    files = {"limit_in_bytes": str(limit * MB), "usage_in_bytes": str(usage * MB)} | more
    return {f"{folder}/memory.{name}": f"{text}\n" for name, text in files.items()}


NEST = V2.format(of="/"), "0::/user/job\n"
CELL = V1.format(of="/"), "4:memory:/box\n1:cpu:/elsewhere\n0::/\n"

CASES = {
    "no group": ({}, "", "", 1000),
    "a group without limit": (v2("/user/job", "max", 900), *NEST, 1000),
    "a group": (v2("/user/job", "300", 100), *NEST, 200),
    "a group that is used up": (v2("/user/job", "300", 301), *NEST, 0),
    "a group around it": (v2("/user/job", "max", 10) | v2("/user", "400", 250), *NEST, 150),
    "the group of the root": (v2("/user/job", "500", 1) | v2("", "400", 350), *NEST, 50),
    "a group below it": (v2("/user/job/inner", "100", 90), *NEST, 1000),
    "a limit from which on it is slowed": (
        v2("/user/job", "500", 100, high=str(150 * MB)),
        *NEST,
        50,
    ),
    "what is kept of files is no loss": (
        v2("/user/job", "300", 250, stat=f"anon 5\ninactive_file {100 * MB}\nactive_file 7"),
        *NEST,
        150,
    ),
    "seen from within a container": (
        v2("", "300", 100),
        V2.format(of="/docker/ab"),
        "0::/docker/ab\n",
        200,
    ),
    "seen from another name space": (v2("", "300", 100), V2.format(of="/"), "0::/../x\n", 200),
    "a group whose folder is hidden": (v2("", "300", 100), V2.format(of="/"), "0::/x/y\n", 200),
    "version 1": (v1("/box", 300, 100), *CELL, 200),
    "version 1 without limit": (v1("/box", 8796093022207, 100), *CELL, 1000),
    "version 1, the group around": (v1("/box", 700, 1) | v1("", 300, 250), *CELL, 50),
    "version 1, kept of files": (
        v1("/box", 300, 250, stat=f"inactive_file 1\ntotal_inactive_file {60 * MB}"),
        *CELL,
        110,
    ),
    "version 1, within a container": (
        v1("", 300, 100),
        V1.format(of="/docker/ab"),
        "4:memory:/docker/ab\n",
        200,
    ),
    "a limit of another controller": (v1("/elsewhere", 10, 5), *CELL, 1000),
    "both versions": (
        v1("/box", 300, 100)
        | {
            "sys/fs/cgroup/unified/memory.max": f"{130 * MB}",
            "sys/fs/cgroup/unified/memory.current": f"{MB}",
        },
        CELL[0] + "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
        CELL[1],
        129,
    ),
    "files that say nonsense": (
        {"sys/fs/cgroup/user/job/memory.max": "a lot", "sys/fs/cgroup/user/job/memory.current": ""},
        *NEST,
        1000,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_narrowest_limit_is_what_is_left(tmp_path: Path, case: str) -> None:
    """A search that takes more is ended by the system, with all that it has found."""
    files, mount, groups, left = CASES[case]

    assert left_of_machine(system(tmp_path, files, mount, groups)) == left * MB


def test_a_mount_whose_path_has_blanks_is_read(tmp_path: Path) -> None:
    """The system writes them as octal numbers."""
    mount = V2.format(of="/").replace("/sys/fs/cgroup", "/my\\040groups")
    files = {f"my groups/{name}": text for name, text in (("a/memory.max", f"{9 * MB}"),)}
    files["my groups/a/memory.current"] = f"{2 * MB}"

    assert left_of_machine(system(tmp_path, files, mount, "0::/a\n")) == 7 * MB


def test_a_search_leaves_room_for_what_comes_after_it(tmp_path: Path) -> None:
    """Whoever judges what was found needs some, too; and there is never less than nothing."""
    root = system(tmp_path, v2("/user/job", "148", 0), *NEST)

    assert 0 < available(root) < 148 * MB - ROOM
    assert available(system(root, v2("/user/job", "10", 0), *NEST)) == 0
