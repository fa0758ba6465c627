"""How much memory the lab may use, as Linux says it in one way or another, and what follows."""

from __future__ import annotations

from pathlib import Path

import pytest

from aecore.service.host import MEGABYTE, Host

MACHINE = {"proc/meminfo": "MemTotal:       16000000 kB\nMemFree:         8000000 kB\n"}
SECOND = {"proc/self/cgroup": "0::/app/lab\n"}
FIRST = {"proc/self/cgroup": "5:cpu,cpuacct:/\n4:memory:/docker/1f\n1:name=systemd:/\n"}
UNLIMITED_V1 = "9223372036854771712\n"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, None),
        (MACHINE, 16_384_000_000),
        (MACHINE | SECOND | {"sys/fs/cgroup/app/lab/memory.max": "690000000\n"}, 690_000_000),
        (MACHINE | SECOND | {"sys/fs/cgroup/app/lab/memory.max": "max\n"}, 16_384_000_000),
        (  # the tightest limit of the groups around it counts
            SECOND
            | {
                "sys/fs/cgroup/app/lab/memory.max": "max\n",
                "sys/fs/cgroup/app/memory.max": "2700000000\n",
            },
            2_700_000_000,
        ),
        (  # in a container: the path is the host's, the group lies at the mount
            FIRST | {"sys/fs/cgroup/memory/memory.limit_in_bytes": "512000000\n"},
            512_000_000,
        ),
        (
            FIRST
            | {
                "sys/fs/cgroup/memory/docker/1f/memory.limit_in_bytes": "690000000\n",
                "sys/fs/cgroup/memory/memory.limit_in_bytes": UNLIMITED_V1,
            },
            690_000_000,
        ),
        (MACHINE | FIRST, 16_384_000_000),
        ({"sys/fs/cgroup/memory/memory.limit_in_bytes": UNLIMITED_V1} | FIRST, None),
    ],
)
def test_the_tightest_limit_counts(
    tmp_path: Path, files: dict[str, str], expected: int | None
) -> None:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="ascii")
    assert Host.read(tmp_path).memory == expected


@pytest.mark.parametrize(
    ("megabytes", "trains", "thrifty", "says"),
    [
        (512, False, True, "512 MB of memory: too little to train"),
        (690, True, True, "690 MB of memory: enough to train thriftily"),
        (2_700, True, False, "2,700 MB of memory: plenty"),
    ],
)
def test_what_follows_from_it(megabytes: int, says: str, *, trains: bool, thrifty: bool) -> None:
    host = Host(megabytes * MEGABYTE)
    assert (host.can_train, host.is_short_of_memory) == (trains, thrifty)
    assert says in host.in_words()
    assert host.idle_seconds(300) == (60 if thrifty else 300)
    assert host.idle_seconds(20) == 20


def test_an_unknown_host_is_taken_for_a_large_one() -> None:
    host = Host(None)
    assert host.can_train
    assert not host.is_short_of_memory
    assert host.idle_seconds(300) == 300
