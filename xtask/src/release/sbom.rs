//! The software bill of materials: what of others is in the released files, as CycloneDX 1.6. Tools that only build stay out, as
//! does everything that would differ from run to run (a serial number, a time).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::sql::VERSION;
use crate::{paths, process};

/// What is built from crates, for which targets, and where it ships.
const BUILT: &[(&str, &str, &[&str])] = &[
    ("plg-module-*", "install scripts", &["wasm32v1-none"]),
    ("plg-js", "npm package", &["wasm32-unknown-unknown"]),
    (
        "plg-duckdb",
        "DuckDB extension",
        &[
            "x86_64-unknown-linux-gnu",
            "aarch64-unknown-linux-gnu",
            "x86_64-apple-darwin",
            "aarch64-apple-darwin",
            "x86_64-pc-windows-msvc",
        ],
    ),
];

/// The environment of `tools.toml` whose packages the playground ships, once there is one.
const PLAYGROUND: &str = "playground";

/// Of these, what bundles the playground and what judges it: neither is on the page.
const TOOLS: &[&str] = &["axe-core", "esbuild"];

/// Name and version.
type Package = (String, String);

/// The document.
///
/// # Errors
/// If cargo cannot tell what is built from what, or a package does not tell its licence.
pub fn json() -> Result<String> {
    let shipped = shipped()?;
    let metadata: Value = serde_json::from_str(&process::capture(cargo().args(["metadata", "--format-version=1"]))?)?;
    let checksums = checksums()?;
    let mut components = Vec::new();
    let mut ids = BTreeMap::new();
    for package in metadata["packages"].as_array().context("cargo metadata lists no packages")? {
        let text = |name: &str| package[name].as_str().unwrap_or_default().to_owned();
        let (name, version) = (text("name"), text("version"));
        let Some(places) = shipped.get(&(name.clone(), version.clone())) else { continue };
        let purl = format!("pkg:cargo/{name}@{version}");
        ids.insert(text("id"), purl.clone());
        // The form of licences before SPDX expressions.
        let licence = text("license").replace('/', " OR ");
        ensure!(!licence.is_empty(), "{name} {version} does not tell its licence");
        let hash = checksums.get(&(name.clone(), version.clone()));
        let mut component = component("library", &name, &version, &purl, &licence, places);
        if let Some(hash) = hash {
            component["hashes"] = json!([{"alg": "SHA-256", "content": hash}]);
        }
        components.push(component);
    }
    ensure!(ids.len() == shipped.len(), "cargo tree and cargo metadata do not agree");
    let dependencies = dependencies(&metadata, &ids);
    components.extend(lists()?);
    components.extend(playground()?);
    components.sort_by_key(|component| component["purl"].as_str().unwrap_or_default().to_owned());
    let repository = metadata["packages"]
        .as_array()
        .and_then(|packages| packages.iter().find(|package| package["name"] == "plg-udfs"))
        .and_then(|package| package["repository"].as_str())
        .context("plg-udfs names no repository")?;
    let document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "plg-udfs",
                "name": "plg-udfs",
                "version": VERSION,
                "licenses": [{"expression": "MIT OR Apache-2.0"}],
                "externalReferences": [{"type": "vcs", "url": repository}],
            },
        },
        "components": components,
        "dependencies": dependencies,
    });
    Ok(format!("{document:#}\n"))
}

fn component(kind: &str, name: &str, version: &str, purl: &str, licence: &str, places: &BTreeSet<&str>) -> Value {
    let places: Vec<Value> = places.iter().map(|place| json!({"name": "plg-udfs:ships-in", "value": place})).collect();
    json!({
        "type": kind,
        "bom-ref": purl,
        "name": name,
        "version": version,
        "licenses": [{"expression": licence}],
        "purl": purl,
        "properties": places,
    })
}

/// Where each crate ships: what is linked, with the features that are on there, and neither macros nor build scripts.
fn shipped() -> Result<BTreeMap<Package, BTreeSet<&'static str>>> {
    let mut shipped: BTreeMap<Package, BTreeSet<&str>> = BTreeMap::new();
    for (package, place, targets) in BUILT {
        for target in *targets {
            let mut tree = cargo();
            tree.args(["tree", "--package", package, "--target", target, "--edges", "normal,no-proc-macro"]);
            tree.args(["--prefix", "none", "--no-dedupe", "--format", "{p}"]);
            for line in process::capture(&mut tree)?.lines().filter(|line| !line.trim().is_empty()) {
                let mut words = line.split(' ');
                let (Some(name), Some(version)) = (words.next(), words.next().and_then(|word| word.strip_prefix('v')))
                else {
                    anyhow::bail!("cargo tree says {line}");
                };
                shipped.entry((name.to_owned(), version.to_owned())).or_default().insert(place);
            }
        }
    }
    Ok(shipped)
}

/// What each shipped crate uses of the others, and the whole of those that nothing else uses.
fn dependencies(metadata: &Value, ids: &BTreeMap<String, String>) -> Vec<Value> {
    let mut edges: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for node in metadata["resolve"]["nodes"].as_array().into_iter().flatten() {
        let Some(from) = node["id"].as_str().and_then(|id| ids.get(id)) else { continue };
        let used = edges.entry(from).or_default();
        for dependency in node["deps"].as_array().into_iter().flatten() {
            let linked = dependency["dep_kinds"].as_array().into_iter().flatten().any(|kind| kind["kind"].is_null());
            let to = dependency["pkg"].as_str().and_then(|id| ids.get(id));
            used.extend(to.filter(|to| linked && *to != from).map(String::as_str));
        }
    }
    let used: BTreeSet<&str> = edges.values().flatten().copied().collect();
    let tops: Vec<&str> = edges.keys().copied().filter(|purl| !used.contains(purl)).collect();
    let rest = edges.iter().map(|(from, to)| json!({"ref": from, "dependsOn": to}));
    std::iter::once(json!({"ref": "plg-udfs", "dependsOn": tops})).chain(rest).collect()
}

/// SHA-256 of the published crates, from `Cargo.lock`.
fn checksums() -> Result<BTreeMap<Package, String>> {
    let lock: toml::Table =
        fs::read_to_string(paths::root().join("Cargo.lock")).context("cannot read Cargo.lock")?.parse()?;
    let packages = lock["package"].as_array().context("Cargo.lock lists no packages")?;
    let text = |package: &toml::Value, name: &str| package.get(name).and_then(toml::Value::as_str).map(str::to_owned);
    Ok(packages
        .iter()
        .filter_map(|package| Some(((text(package, "name")?, text(package, "version")?), text(package, "checksum")?)))
        .collect())
}

/// The lists of domains that modules carry.
fn lists() -> Result<Vec<Value>> {
    let tools: toml::Table =
        fs::read_to_string(paths::root().join("tools.toml")).context("cannot read tools.toml")?.parse()?;
    let lists = tools["lists"].as_table().context("tools.toml has no lists")?;
    let made = lists.iter().map(|(name, list)| -> Result<Value> {
        let text = |field: &str| {
            let text = list.get(field).and_then(toml::Value::as_str);
            text.with_context(|| format!("lists.{name}.{field} of tools.toml is missing"))
        };
        let (package, version) = (text("package")?, text("version")?);
        let purl = format!("pkg:pypi/{package}@{version}");
        let places = BTreeSet::from(["DuckDB extension", "install scripts", "npm package"]);
        let mut component = component("data", package, version, &purl, text("licence")?, &places);
        component["hashes"] = json!([{"alg": "SHA-256", "content": text("sha256")?}]);
        Ok(component)
    });
    made.collect()
}

/// What the playground's page holds, from its lock file. [`TOOLS`] stay out.
fn playground() -> Result<Vec<Value>> {
    let path = paths::root().join("tools/node").join(format!("{PLAYGROUND}.json"));
    if !path.exists() {
        return Ok(Vec::new());
    }
    let lock: Value =
        serde_json::from_str(&fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?)?;
    let mut components = Vec::new();
    for (place, package) in lock["packages"].as_object().context("a lock file lists packages")? {
        let Some(name) = place.rsplit("node_modules/").next().filter(|name| !name.is_empty()) else { continue };
        if TOOLS.contains(&name) || name.starts_with("@esbuild/") {
            continue;
        }
        let text =
            |field: &str| package[field].as_str().with_context(|| format!("{}: {name} has no {field}", path.display()));
        let version = text("version")?;
        let purl = format!("pkg:npm/{}@{version}", name.replace('@', "%40"));
        components.push(component("library", name, version, &purl, text("license")?, &BTreeSet::from(["playground"])));
    }
    Ok(components)
}

fn cargo() -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(paths::root());
    command
}
