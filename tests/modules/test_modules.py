"""What every module and every body must be, whatever it computes."""

import json
import os
import re
from pathlib import Path

import pytest
from wasm import opcodes, sections

ROOT = Path(os.environ["PLG_ROOT"])
DIST = Path(os.environ["PLG_DIST"])
CATALOGUE = json.loads((DIST / "javascript" / "catalogue.json").read_text())
SIZES = json.loads((DIST / "sizes.json").read_text())
FAMILIES = sorted({function["family"] for function in CATALOGUE["functions"]})
BODIES = sorted((DIST / "javascript").glob("*/*.js"))

CUSTOM, IMPORT, DATA_COUNT = 0, 2, 12
# Everything above is a later addition to WebAssembly: sign extension, saturating conversion, bulk memory, vectors.
LAST_MVP_OPCODE = 0xBF


def module(family):
    return (DIST / "wasm" / f"{family}.wasm").read_bytes()


def test_every_family_has_a_module_and_nothing_else_has():
    assert sorted(path.stem for path in (DIST / "wasm").glob("*.wasm")) == FAMILIES


@pytest.mark.parametrize("family", FAMILIES)
def test_a_module_imports_nothing(family):
    assert IMPORT not in sections(module(family))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_module_has_no_section_that_webassembly_1_does_not_know(family):
    found = sections(module(family))
    assert CUSTOM not in found and DATA_COUNT not in found and max(found) < DATA_COUNT


@pytest.mark.parametrize("family", FAMILIES)
def test_a_module_uses_the_instructions_of_webassembly_1_only(family):
    assert max(opcodes(module(family))) <= LAST_MVP_OPCODE


@pytest.mark.parametrize("family", FAMILIES)
def test_a_module_holds_no_path_of_a_machine(family):
    content = module(family)
    for path in [str(ROOT), str(Path.home()), "/home/", "/root/", "/Users/", "/tmp/", ".cargo"]:
        assert path.encode() not in content, path
    # A drive and the beginning of a name: a colon and a backslash alone occur in lists of fingerprints.
    assert not re.search(rb"[A-Za-z]:\\[A-Za-z]", content)


@pytest.mark.parametrize("body", BODIES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_body_has_at_most_32_768_bytes(body):
    assert SIZES["max_body"] == 32_768
    assert len(body.read_bytes()) <= 32_768


def test_the_size_table_tells_the_sizes_of_what_is_there():
    for family, sizes in SIZES["modules"].items():
        assert sizes["wasm"] == len(module(family))
    for body in BODIES:
        assert SIZES["bodies"][body.stem][body.parent.name] == len(body.read_bytes())
    assert set(SIZES["modules"]) == set(FAMILIES)
    assert set(SIZES["bodies"]) == {entry["name"] for entry in CATALOGUE["functions"] + CATALOGUE["aggregates"]}


@pytest.mark.parametrize("warehouse", ["snowflake", "bigquery"])
def test_the_install_script_carries_the_bodies_as_they_are(warehouse):
    script = (DIST / warehouse / "install.sql").read_text()
    for body in (DIST / "javascript" / warehouse).glob("*.js"):
        assert body.read_text() in script, body.stem


@pytest.mark.parametrize("body", BODIES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_body_holds_nothing_that_its_surroundings_would_change(body):
    text = body.read_bytes().decode("ascii")
    for forbidden in ["&", "$$", "{{", "{%", "<%", '"""', "'''"]:
        assert forbidden not in text
