//! The JavaScript bodies of the private functions on Snowflake and BigQuery: runtime, wrapper and module in one text.
//!
//! A body is an *engine* (an expression whose value is the row function, the same for all warehouses) and a few lines
//! around it that keep the engine in a global under a versioned name and hand it the warehouse's arguments.

mod dense;
mod engine;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use plg_catalogue::{Aggregate, Catalogue, Column, Function};
use sha2::{Digest, Sha256};

use self::engine::Packing;
use crate::modules::Module;
use crate::{paths, process, tools};

/// BigQuery's limit for an inline body, and far below Snowflake's recommendation.
pub const MAX_BODY_BYTES: usize = 32_768;

/// Where the generated JavaScript runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Warehouse {
    /// Argument names arrive in upper case, SQL NULL is undefined.
    Snowflake,
    /// Argument names arrive as declared, NULL is null.
    BigQuery,
}

impl Warehouse {
    /// Both.
    pub const ALL: [Warehouse; 2] = [Warehouse::Snowflake, Warehouse::BigQuery];

    /// Its folder below `dist`.
    pub fn folder(self) -> &'static str {
        match self {
            Warehouse::Snowflake => "snowflake",
            Warehouse::BigQuery => "bigquery",
        }
    }
}

/// A function's body for one warehouse.
#[derive(Clone, Debug)]
pub struct Body {
    /// The text between the quotes: no `&`, `$$`, `{{`, `{%`, `<%`, triple quotes, or anything beyond ASCII.
    pub text: String,
    /// The first ten hexadecimal digits of its SHA-256, for the private function's name.
    pub hash: String,
}

/// All bodies, by function or aggregate.
pub struct Bodies {
    bodies: BTreeMap<(String, Warehouse), Body>,
    sizes: BTreeMap<String, Size>,
}

/// A module's size on its way into a body, in bytes.
struct Size {
    wasm: usize,
    deflated: usize,
    /// If a body needs it.
    dense: Option<usize>,
}

impl Bodies {
    /// Generates, minifies and checks the bodies of all functions over their built modules, writes them to
    /// `dist/javascript/<warehouse>/<function>.js` and their sizes to `dist/sizes.json`.
    ///
    /// # Errors
    /// If the minifier fails, or a body is larger than [`MAX_BODY_BYTES`] or holds what its surroundings cannot carry.
    pub fn build(catalogue: &Catalogue, modules: &[Module]) -> Result<Self> {
        let everything: Vec<&Function> = catalogue.functions.iter().collect();
        let mut bodies = Bodies { bodies: BTreeMap::new(), sizes: BTreeMap::new() };
        let engines = minified(&everything, Packing::Deflate, modules)?;
        for module in modules {
            let deflated = deflate(&module.bytes)?;
            let size = Size { wasm: module.bytes.len(), deflated: deflated.len(), dense: None };
            bodies.sizes.insert(module.family.clone(), size);
            let (size, digits) = (module.bytes.len().to_string(), base85(&deflated));
            for function in catalogue.family(&module.family) {
                let engine = filled(&engines[&function.name], &[(engine::WASM, &digits), (engine::SIZE, &size)])?;
                bodies.insert(function, &engine)?;
            }
        }
        bodies.condense(catalogue, modules)?;
        let engines = minified_aggregates(&catalogue.aggregates)?;
        for aggregate in &catalogue.aggregates {
            bodies.insert_aggregate(aggregate, &engines[&aggregate.name])?;
        }
        bodies.write(catalogue)?;
        bodies.check_sizes()?;
        Ok(bodies)
    }

    /// Packs the modules of bodies that are too large more densely.
    fn condense(&mut self, catalogue: &Catalogue, modules: &[Module]) -> Result<()> {
        let large = self.too_large();
        let large: Vec<&Function> = catalogue.functions.iter().filter(|one| large.contains(&one.name)).collect();
        if large.is_empty() {
            return Ok(());
        }
        let engines = minified(&large, Packing::Dense, modules)?;
        for module in modules {
            let functions: Vec<&Function> =
                catalogue.family(&module.family).filter(|function| engines.contains_key(&function.name)).collect();
            if functions.is_empty() {
                continue;
            }
            let packed = dense::pack(&module.bytes).with_context(|| format!("packing the module {}", module.family))?;
            let digits: String = packed.digits.iter().map(|digit| char::from(digits()[usize::from(*digit)])).collect();
            let [size, code, end] = [module.bytes.len(), packed.code, packed.end].map(|number| number.to_string());
            let values =
                [(engine::WASM, &digits), (engine::SIZE, &size), (engine::CODE, &code), (engine::CODE_END, &end)];
            for function in functions {
                self.insert(function, &filled(&engines[&function.name], &values)?)?;
            }
            self.sizes.get_mut(&module.family).expect("it has been deflated").dense = Some(packed.bytes());
        }
        Ok(())
    }

    fn insert(&mut self, function: &Function, engine: &str) -> Result<()> {
        for warehouse in Warehouse::ALL {
            let body = body(function, engine, warehouse);
            check(&body.text).with_context(|| format!("the body of {}", function.name))?;
            self.bodies.insert((function.name.clone(), warehouse), body);
        }
        Ok(())
    }

    fn insert_aggregate(&mut self, aggregate: &Aggregate, engine: &str) -> Result<()> {
        for warehouse in Warehouse::ALL {
            let text = match warehouse {
                Warehouse::Snowflake => table_function(aggregate, engine),
                Warehouse::BigQuery => aggregate_module(aggregate, engine),
            };
            check(&text).with_context(|| format!("the body of {}", aggregate.name))?;
            self.bodies.insert((aggregate.name.clone(), warehouse), Body { hash: hash(&text), text });
        }
        Ok(())
    }

    /// The functions with a body above the limit.
    fn too_large(&self) -> BTreeSet<String> {
        let large = self.bodies.iter().filter(|(_, body)| body.text.len() > MAX_BODY_BYTES);
        large.map(|((function, _), _)| function.clone()).collect()
    }

    /// The body of a function or an aggregate.
    pub fn get(&self, function: &str, warehouse: Warehouse) -> &Body {
        &self.bodies[&(function.to_owned(), warehouse)]
    }

    fn write(&self, catalogue: &Catalogue) -> Result<()> {
        for warehouse in Warehouse::ALL {
            let folder = paths::dist().join("javascript").join(warehouse.folder());
            fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        }
        for ((function, warehouse), body) in &self.bodies {
            let path = paths::dist().join("javascript").join(warehouse.folder()).join(format!("{function}.js"));
            fs::write(&path, &body.text).with_context(|| format!("cannot write {}", path.display()))?;
        }
        let modules: BTreeMap<_, _> = self
            .sizes
            .iter()
            .map(|(family, size)| {
                (family, serde_json::json!({"wasm": size.wasm, "deflated": size.deflated, "dense": size.dense}))
            })
            .collect();
        let mut bodies: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
        for ((function, warehouse), body) in &self.bodies {
            bodies.entry(function).or_default().insert(warehouse.folder(), body.text.len());
        }
        let sizes = serde_json::json!({"max_body": MAX_BODY_BYTES, "modules": modules, "bodies": bodies});
        // For the tests, which are written in JavaScript and read no TOML.
        let path = paths::dist().join("javascript/catalogue.json");
        fs::write(&path, serde_json::to_vec(catalogue)?).with_context(|| format!("cannot write {}", path.display()))?;
        let path = paths::dist().join("sizes.json");
        fs::write(&path, format!("{sizes:#}\n")).with_context(|| format!("cannot write {}", path.display()))
    }

    fn check_sizes(&self) -> Result<()> {
        let too_large = Vec::from_iter(self.too_large());
        if too_large.is_empty() {
            return Ok(());
        }
        bail!("a body may have at most {MAX_BODY_BYTES} bytes: {}\n{}", too_large.join(", "), self.size_table())
    }

    /// The sizes of modules and bodies in bytes, for people.
    pub fn size_table(&self) -> String {
        let mut table = format!("{:<20}{:>10}{:>10}{:>10}\n", "module", "wasm", "deflated", "dense");
        for (family, size) in &self.sizes {
            let dense = size.dense.map_or("-".to_owned(), |bytes| bytes.to_string());
            table.push_str(&format!("{family:<20}{:>10}{:>10}{dense:>10}\n", size.wasm, size.deflated));
        }
        table.push_str(&format!("\n{:<20}{:>10}{:>10}\n", "body", "snowflake", "bigquery"));
        for (function, warehouse) in self.bodies.keys() {
            if *warehouse == Warehouse::Snowflake {
                let [snowflake, bigquery] = Warehouse::ALL.map(|warehouse| self.get(function, warehouse).text.len());
                table.push_str(&format!("{function:<20}{snowflake:>10}{bigquery:>10}\n"));
            }
        }
        table
    }
}

/// The text around an engine. Globals usually survive from row to row and need not: either way the result is the same.
fn body(function: &Function, engine: &str, warehouse: Warehouse) -> Body {
    let arguments: Vec<String> = function
        .arguments
        .iter()
        .map(|argument| match warehouse {
            Warehouse::Snowflake => argument.name.to_uppercase(),
            Warehouse::BigQuery => argument.name.clone(),
        })
        .collect();
    let key = format!("plg_{}_{}", function.name, hash(engine));
    let text = format!(
        "var g=typeof globalThis===\"object\"?globalThis:this,f=g.{key};\n\
         if(typeof f!==\"function\")f=g.{key}={engine};\n\
         return f({})",
        arguments.join(",")
    );
    Body { hash: hash(&text), text }
}

/// BigQuery's aggregate: a module that exports the steps.
fn aggregate_module(aggregate: &Aggregate, engine: &str) -> String {
    let arguments: Vec<&str> = aggregate.arguments.iter().map(|argument| argument.name.as_str()).collect();
    let arguments = arguments.join(",");
    format!(
        "const plg={engine};\n\
         export function initialState(){{return plg.start()}}\n\
         export function aggregate(state,{arguments}){{plg.add(state,{arguments})}}\n\
         export function merge(state,other){{plg.merge(state,other)}}\n\
         export function finalize(state){{return plg.finish(state)}}\n\
         export function serialize(state){{return plg.pack(state)}}\n\
         export function deserialize(packed){{return plg.unpack(packed)}}\n"
    )
}

/// Snowflake's table function: an object literal, whose functions see the same object for all rows of a partition. NULL is
/// undefined.
fn table_function(aggregate: &Aggregate, engine: &str) -> String {
    let key = format!("plg_{}_{}", aggregate.name, hash(engine));
    let arguments: Vec<String> =
        aggregate.arguments.iter().map(|argument| format!("row.{}", argument.name.to_uppercase())).collect();
    let arguments = arguments.join(",");
    let written = match &aggregate.column {
        Some(column) => format!("writer.writeRow({{{}:rows===null?undefined:rows}})", column.to_uppercase()),
        None => {
            let field = |field: &Column| format!("{}:row.{}", field.name.to_uppercase(), field.name);
            let fields: Vec<String> = aggregate.result.iter().map(field).collect();
            format!("rows.forEach(function(row){{writer.writeRow({{{}}})}})", fields.join(","))
        }
    };
    format!(
        "{{\n\
         initialize:function(){{\n\
         var g=typeof globalThis===\"object\"?globalThis:this,f=g.{key};\n\
         if(typeof f!==\"object\")f=g.{key}={engine};\n\
         this.plg=f;this.state=f.start()}},\n\
         processRow:function(row){{this.plg.add(this.state,{arguments})}},\n\
         finalize:function(writer){{var rows=this.plg.finish(this.state,this.plg.text);\n\
         {written}}}\n\
         }}"
    )
}

fn hash(text: &str) -> String {
    Sha256::digest(text).iter().take(5).map(|byte| format!("{byte:02x}")).collect()
}

/// What templating tools, SQL quotes and old transports would change in a body.
fn check(text: &str) -> Result<()> {
    ensure!(text.is_ascii(), "holds a character beyond ASCII");
    for forbidden in ["&", "$$", "{{", "{%", "<%", "\"\"\"", "'''"] {
        ensure!(!text.contains(forbidden), "holds {forbidden}");
    }
    Ok(())
}

/// Raw deflate, as small as the format allows: the modules are compressed once and carried by every body.
fn deflate(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut deflated = Vec::new();
    zopfli::compress(zopfli::Options::default(), zopfli::Format::Deflate, bytes, &mut deflated)
        .context("cannot deflate a module")?;
    Ok(deflated)
}

/// The digits of bases up to 86, which `udfs/runtime/inflate.js` knows too.
fn digits() -> Vec<u8> {
    (b'!'..=b'~').filter(|digit| !br#""$&'<\`{"#.contains(digit)).collect()
}

/// Five digits for four bytes, most significant first; `udfs/runtime/inflate.js` reads them. What is added to fill the
/// last group comes after the end of the deflate stream and is never looked at.
fn base85(bytes: &[u8]) -> String {
    let digits = digits();
    let mut text = String::with_capacity(bytes.len().div_ceil(4) * 5);
    for group in bytes.chunks(4) {
        let mut padded = [0; 4];
        padded[..group.len()].copy_from_slice(group);
        let value = u32::from_be_bytes(padded);
        let digit = |power: u32| char::from(digits[(value / 85u32.pow(power) % 85) as usize]);
        text.extend((0..5).rev().map(digit));
    }
    text
}

/// An engine with values for its placeholders, each of which must still be there once: a minifier that computes with one
/// would leave a body that never starts.
fn filled(engine: &str, values: &[(&str, &String)]) -> Result<String> {
    let mut text = engine.to_owned();
    for (placeholder, value) in values {
        ensure!(engine.matches(placeholder).count() == 1, "minifying lost or repeated {placeholder}");
        text = text.replacen(placeholder, value, 1);
    }
    Ok(text)
}

/// The minified engines by function, with placeholders for their modules.
fn minified(functions: &[&Function], packing: Packing, modules: &[Module]) -> Result<BTreeMap<String, String>> {
    let (fast, small) = (runtime(false)?, runtime(true)?);
    let source = |function: &&Function| {
        let is_small = modules.iter().any(|module| module.family == function.family && module.small);
        (function.name.clone(), engine::source(function, packing, if is_small { &small } else { &fast }))
    };
    minified_sources(&functions.iter().map(source).collect())
}

/// How the source of an aggregate begins.
const SCOPE: &str = "(function () {\n";

/// The minified engines of aggregates, whose sources lie beside their descriptions, with the order of texts.
fn minified_aggregates(aggregates: &[Aggregate]) -> Result<BTreeMap<String, String>> {
    let read = |path: PathBuf| fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()));
    let order = read(paths::root().join("udfs/runtime/order.js"))?;
    let source = |aggregate: &Aggregate| {
        let text = read(paths::root().join(format!("udfs/{}/{}.js", aggregate.family, aggregate.name)))?;
        // Into the scope of the expression, since nothing can stand before one.
        let (comment, inside) =
            text.split_once(SCOPE).with_context(|| format!("{} must be an expression {SCOPE}..", aggregate.name))?;
        Ok((aggregate.name.clone(), format!("{comment}{SCOPE}{order}{inside}")))
    };
    minified_sources(&aggregates.iter().map(source).collect::<Result<_>>()?)
}

/// Sources by name, minified.
fn minified_sources(sources: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>> {
    // Named after this process: two builds may run at once.
    let folder = paths::root().join(format!("target/javascript-{}", std::process::id()));
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let file = |name: &str, extension: &str| -> PathBuf { folder.join(format!("{name}.{extension}")) };
    for (name, source) in sources {
        let path = file(name, "js");
        fs::write(&path, source).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let script = paths::root().join("xtask/src/javascript/minify.cjs");
    let mut node = Command::new(tools::node()?);
    process::run("minifying the JavaScript bodies", node.arg(script).arg(tools::terser()?).arg(&folder))?;
    let read = |name: &String| {
        let path = file(name, "min.js");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok((name.clone(), text.trim_end().trim_end_matches(';').to_owned()))
    };
    let minified = sources.keys().map(read).collect();
    fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    minified
}

/// The sources in `udfs/runtime`, one after the other, for bodies that are to be small or else fast.
fn runtime(small: bool) -> Result<String> {
    let other = if small { "facts_fast.js" } else { "facts_small.js" };
    let folder = paths::root().join("udfs/runtime");
    let mut sources = BTreeMap::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry.with_context(|| format!("cannot read {}", folder.display()))?.path();
        if path.extension().is_some_and(|extension| extension == "js") && !path.ends_with(other) {
            let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            sources.insert(path, text);
        }
    }
    Ok(sources.into_values().collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_templating_would_change_is_refused() {
        for text in ["a&b", "$$", "{{", "{%", "<%", "\"\"\"", "'''", "\u{e9}"] {
            assert!(check(text).is_err(), "{text}");
        }
        check("a*b").unwrap();
    }
}
