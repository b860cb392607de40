"""`python -m tools.cluster`: what one types, what one sees, and that nothing is left behind."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output

from tests.patience import PATIENCE_SECONDS, wait_until
from tests.process import ROOT, clean_environment
from tools.cluster import console
from tools.cluster.balancer import Health, Mode
from tools.cluster.cluster import Cluster, is_possible
from tools.cluster.looking import Look, NodeLook, ServerLook, look
from tools.cluster.processes import ClusterError, State
from tools.cluster.screen import Screen
from tools.cluster.table import BAD, lines, text_of

LOOK = Look(
    nodes=[
        NodeLook("node-1", 20001, State.RUNS, True, 3, 2, True, (), {"General": 7, "Tea": 1}),
        NodeLook("node-2", 20002, State.RUNS, False, 1, 1, False, ("nats",), {"General": 5}),
        NodeLook("node-3", 20003, State.STOPPED),
    ],
    databases=[
        ServerLook("postgres-a", 20004, State.RUNS, "primary", ", with no standby"),
        ServerLook("postgres-b", 20005, State.DOWN, "standby"),
    ],
    brokers=[ServerLook("nats-1", 20006, State.RUNS)],
    heads={"General": 7, "Tea": 1, "/server": 3},
    users={"General": 2, "Tea": 0},
)
CONNECTIONS = {"node-1": 3, "node-2": 1, "node-3": 0}
HEALTH = {"node-1": Health.WELL, "node-2": Health.AILING, "node-3": Health.AWAY}


def test_the_table_tells_of_nodes_servers_and_rooms() -> None:
    assert text_of(lines(LOOK, CONNECTIONS, HEALTH)).splitlines() == [
        "NODE    PORT   STATE    BALANCER   SESSIONS  USERS  DATABASE     BUS        LAG",
        "node-1  20001  runs     well, 3    3         2      saves        connected  3",
        "node-2  20002  runs     ailing, 1  1         1      cannot save  cut off    6",
        "node-3  20003  stopped  away, 0    –         –      –            –          –",
        "",
        "SERVER      PORT   STATE  WHAT IT IS",
        "postgres-a  20004  runs   the primary, with no standby",
        "postgres-b  20005  down   the standby",
        "nats-1      20006  runs   the bus",
        "",
        "ROOM     USERS  HEAD  AT NODE-1  AT NODE-2  AT NODE-3",
        "General  2      7     7          5          –",
        "Tea      0      1     1          –          –",
    ]


def test_what_is_wrong_stands_out() -> None:
    found = lines(LOOK, CONNECTIONS, HEALTH)
    bad = {text.strip() for line in found for style, text in line if style == BAD}
    assert {"cannot save", "cut off", "stopped", "down", "3", "6", "5"} <= bad


@pytest.mark.parametrize(
    "line, words",
    [
        ("dance", 'There is no command "dance": help'),
        ("kill", "What is to kill? node 1, nats, primary or standby."),
        ("kill everything", "What is to kill?"),
        ("kill node", "Which node? There are: 1, 2."),
        ("kill node 9", "Which node? There are: 1, 2."),
        ("stop nats 2", "Which nats? There are: 1."),
        ("kill standby", "This cluster has no standby."),
        ("promote it", "promote takes no more words."),
        ("cut node 1", "What is to cut? For example: cut node 2 database."),
        ("cut node 1 moon", "From what is the node to be cut off? database or nats."),
        ("mode fair", "Which mode? There are: next, random, sticky, requests."),
    ],
)
def test_mistakes_are_answered_with_what_would_do(cluster: Cluster, line: str, words: str) -> None:
    with pytest.raises(console.Mistake) as mistake:
        console.run(cluster, line)
    assert words in str(mistake.value)


@pytest.mark.parametrize(
    "line, words",
    [
        ("promote", "This cluster has no standby."),
        ("start node 1", "node-1 is running already."),
        ("continue node 1", "node-1 was not stopped."),
    ],
)
def test_what_cannot_be_done_now_is_said(cluster: Cluster, line: str, words: str) -> None:
    with pytest.raises(ClusterError, match=words):
        console.run(cluster, line)


def test_what_is_typed_is_done_and_seen(cluster: Cluster) -> None:
    node = cluster.nodes[0]
    assert console.run(cluster, "  ") == ""
    assert "promote" in console.run(cluster, "help")
    assert console.run(cluster, "Mode sticky") == "The balancer chooses nodes so: sticky."
    assert cluster.balancer.mode is Mode.STICKY
    console.run(cluster, "mode next")
    assert "node-1 and nats" in console.run(cluster, "cut node 1 to nats")
    assert look(cluster).nodes[0].cut == ["nats"]
    console.run(cluster, "mend")
    found = look(cluster)
    assert [one.cut for one in found.nodes] == [[], []]
    assert found.nodes[0].saves
    assert found.heads is not None
    assert found.lag(found.nodes[0]) == 0 or found.heads
    assert (node.state, found.databases[0].says) == (State.RUNS, ", with no standby")
    with pytest.raises(console.Quit):
        console.run(cluster, "quit")


class Quiet:
    """What the screen shows is not looked at."""

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None: ...

    def fileno(self) -> int:
        return -1

    def isatty(self) -> bool:
        return True

    encoding = "utf-8"


async def test_the_screen_hands_on_what_is_typed_and_says_what_came_of_it() -> None:
    typed: list[str] = []

    def run(line: str) -> str:
        typed.append(line)
        if line == "quit":
            raise console.Quit
        if line == "dance":
            raise console.Mistake("There is no dance.")
        return f"{line} was done."

    output = Vt100_Output(Quiet(), lambda: Size(rows=30, columns=100), term="xterm")  # type: ignore[arg-type]
    with create_pipe_input() as keys:
        screen = Screen(
            lambda: lines(LOOK, CONNECTIONS, HEALTH), run, "Hello!", input=keys, output=output
        )
        showing = asyncio.create_task(screen.show())
        keys.send_text("kill node 2\rdance\rquit\r")
        async with asyncio.timeout(PATIENCE_SECONDS):
            await showing
    assert typed == ["kill node 2", "dance", "quit"]
    assert [text for _, text in screen.said] == [
        *("Hello!", "> kill node 2", "kill node 2 was done."),
        *("> dance", "There is no dance.", "> quit"),
    ]


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the demo makes its folder."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


@pytest.mark.slow
def test_the_demo_does_what_comes_by_a_pipe_and_leaves_nothing(temporary: Path) -> None:
    if reason := is_possible():
        pytest.skip(reason)
    done = subprocess.run(
        [sys.executable, "-m", "tools.cluster", "--nodes", "2", "--lease-seconds", "3"],
        input="kill node 2\nkill primary\npromote\nstart node 2\nnonsense\nquit\n",
        cwd=ROOT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=4 * PATIENCE_SECONDS,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for words in (
        "A cluster of 2 nodes.",
        "node-2 is gone.",
        "postgres-a is gone.",
        "The standby is the primary now.",
        "node-2 runs.",
        "There is no command",
    ):
        assert words in done.stdout, words
    wait_until(lambda: not list(temporary.glob("hubbub-cluster-*")))
