"""The page knows who may do what as the server does, by the table that comes with it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from hubbub.server.http.assets import FOLDER
from hubbub.server.http.rights import rights_of_the_page
from tools.page_tools import NODE

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "rights.json").read_text("utf-8"))

SCRIPT = """
import { Rights } from "MODULE";
const { told, vectors } = JSON.parse(await new Response(process.stdin).text());
const rights = new Rights(JSON.parse(told));
const why = vectors.map((one) => rights.whyNot(one.action, one.standing, one, "Tea", one.to));
const may = vectors.map((one) => rights.may(one.action, one.standing, one, one.to));
const plain = rights.whyNot("kick", undefined, { account: true }, "T\\u202eea");
console.log(JSON.stringify({ why, may, plain }));
"""


def test_the_page_passes_the_vectors_of_rights() -> None:
    module = (FOLDER / "chat" / "rights.js").as_uri()
    done = subprocess.run(
        [NODE, "--input-type=module", "--eval", SCRIPT.replace("MODULE", module)],
        input=json.dumps({"told": rights_of_the_page(), "vectors": VECTORS}),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)
    assert read["why"] == [vector["why"] for vector in VECTORS]
    assert read["may"] == [vector["why"] is None for vector in VECTORS]
    assert read["plain"].startswith("Nobody owns T\ufffdea, so only the administrators")
