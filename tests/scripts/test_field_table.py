from __future__ import annotations

from pathlib import Path

import pytest

from scripts.field_table_rows import main


def test_an_application_is_a_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = "import time\nfrom flask import Flask\napp = Flask(__name__, static_folder=None)\n"
    (tmp_path / "shop.py").write_text(f"{source}@app.get('/x')\ndef x():\n    time.sleep(1)\n    return ''\n")
    assert main([f"shop@abc={tmp_path}"]) == 0
    cells = [each.strip() for each in capsys.readouterr().out.splitlines()[-1].split("|")]
    assert cells[1:5] == ["shop", "abc", "7", "1"]
    assert cells[6:8] == ["1", "1.000"]


def test_what_names_no_folder_is_refused_before_anything_runs(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["shop"])
    told = capsys.readouterr()
    assert "got 'shop' with the folder '': write NAME=FOLDER" in told.err
    assert not told.out
