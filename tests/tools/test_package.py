"""The package that `pip install` makes of this folder."""

import subprocess
import sys
import zipfile
from pathlib import Path

from tools.bootstrap import ROOT


def test_the_wheel_carries_everything_that_belongs_to_hubbub(tmp_path: Path) -> None:
    """The web page and the migrations too, which are no modules."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run([*command, "--directory", str(tmp_path)], cwd=ROOT, check=True)
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if name.startswith("hubbub/")}
    source = Path(ROOT, "src")
    written = {
        path.relative_to(source).as_posix()
        for path in (source / "hubbub").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert packed == written
