"""The page's modules: joined they are one, each can be read by itself, and node's own runner tests the pure ones."""

import json
import os
import re
import subprocess
from collections import Counter
from pathlib import Path

from browser import names_at_the_top, needs_node
from documents import cases

from viz.explorer.page import FOLDER, joined, page

HERE = Path(__file__).parent
MODULES = sorted(FOLDER.glob("*.js"))


def test_names_at_the_top_of_the_modules_are_unique():
    names = Counter(name for path in MODULES for name in names_at_the_top(path.read_text(encoding="utf-8")))
    assert [name for name, times in names.items() if times > 1] == []


def test_the_modules_are_joined_whole():
    text = joined()
    assert not re.search(r"^\s*(import|export)\b", text, re.M)
    assert {*names_at_the_top(text)} >= {"createApp", "stateAt", "writeNumber", "screens"}
    for path in MODULES:  # none lies about unused
        assert all(f" {name}" in text for name in names_at_the_top(path.read_text(encoding="utf-8"))), path.name


def test_nothing_in_a_page_ends_its_script_early():
    document = {"options": "</script><!-- é \N{SNOWMAN}"}
    text = page(document, "</title>")
    assert text.count("</script>") == 2
    assert "<!--" not in text
    assert text.count("</title>") == 1


@needs_node
def test_pure_modules(tmp_path):
    documents = tmp_path / "documents.json"
    documents.write_text(json.dumps(cases(), allow_nan=False), encoding="utf-8")
    environment = os.environ | {"CHALKGRAD_DOCUMENTS": str(documents)}
    done = subprocess.run(
        ["node", "--test", *map(str, sorted(HERE.glob("*.test.js")))], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^# pass [1-9]", done.stdout, re.M), done.stdout


@needs_node
def test_the_joined_module_can_be_read(tmp_path):
    file = tmp_path / "joined.mjs"
    file.write_text(joined(), encoding="utf-8")
    done = subprocess.run(["node", "--check", str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
