//! The SQL of the three warehouses, written from the catalogue: `sql/<warehouse>/*.sql.jinja` hold every statement,
//! this module and its parts hold what depends on types.
//!
//! The text is the same for the same input, and nothing of the machine gets into it.

mod bigquery;
mod duckdb;
mod literal;
mod obsolete;
mod script;
mod snowflake;
mod types;
mod verify;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use minijinja::{Environment, UndefinedBehavior, Value};
use plg_catalogue::Catalogue;
use serde::Serialize;

pub use bigquery::BigQuery;
pub use duckdb::DuckDb;
pub use literal::{Dialect, literal};
pub use script::statements;
pub use snowflake::Snowflake;
pub use types::Type;
pub use verify::{arguments, call};

use crate::javascript::{Body, Warehouse};
use crate::{commit, paths};
use obsolete::Obsolete;

/// The version that `plg.version()` answers.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Below `dist/`: the functions as dbt's own resources, a folder per warehouse.
pub const DBT_FUNCTIONS: &str = "dbt_functions";

/// Digits of the hash at the end of a private function's name.
pub const HASH_DIGITS: usize = 10;

/// How long a query may be that BigQuery is sent at once, in bytes: it documents 1 MB for one that is not resolved yet, and a script
/// is sent as one. The rest is left for the names that people put in.
const MAX_QUERY: usize = 900_000;

/// Where the functions are installed. Administrators may also replace the defaults in the generated files, as
/// `docs/warehouses` says.
#[derive(Clone, Debug, Serialize)]
pub struct Names {
    /// Snowflake's schema, `plg` or `database.plg`.
    pub snowflake_schema: String,
    /// BigQuery's dataset with its project, `project.plg`.
    pub bigquery_dataset: String,
    /// Where BigQuery creates the dataset, `US`.
    pub bigquery_location: String,
}

impl Default for Names {
    fn default() -> Self {
        Names {
            snowflake_schema: "plg".to_owned(),
            bigquery_dataset: "YOUR_PROJECT.plg".to_owned(),
            bigquery_location: "US".to_owned(),
        }
    }
}

impl Names {
    /// Refuses what is not a name, so that none of them can end a statement.
    ///
    /// # Errors
    /// If a name holds anything but letters, digits, `_`, `-`, `$`, or the dots that separate its parts.
    pub fn check(&self) -> Result<()> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "_-$".contains(c);
        let parts = |name: &str| {
            let good = name.split('.').all(|part| !part.is_empty() && part.chars().all(plain));
            good.then(|| name.split('.').count())
        };
        let Names { snowflake_schema, bigquery_dataset, bigquery_location } = self;
        ensure!(matches!(parts(snowflake_schema), Some(1 | 2)), "{snowflake_schema}: is no schema");
        ensure!(parts(bigquery_dataset) == Some(2), "{bigquery_dataset}: is not project.dataset");
        ensure!(parts(bigquery_location) == Some(1), "{bigquery_location}: is no location");
        Ok(())
    }
}

/// The body of a function or aggregate for a warehouse, by name.
pub type Bodies<'a> = &'a dyn Fn(&str, Warehouse) -> Body;

/// A module as the header of an install script names it.
#[derive(Clone, Debug, Serialize)]
pub struct ModuleHash {
    /// The function family.
    pub family: String,
    /// SHA-256 of the WebAssembly binary, hexadecimal.
    pub sha256: String,
}

/// Writes `dist/<warehouse>/*.sql`.
///
/// # Errors
/// If a template does not fit, a body cannot be made, or a text would break in its warehouse or client.
pub fn write(catalogue: &Catalogue, modules: &[ModuleHash], bodies: Bodies<'_>, names: &Names) -> Result<()> {
    names.check()?;
    let obsolete = Obsolete::load(&paths::root().join("sql/obsolete.toml"))?;
    let files = generate(catalogue, modules, bodies, names, &obsolete, &commit::source()?)?;
    for folder in ["snowflake", "bigquery", "duckdb"] {
        clear(&paths::dist().join(folder))?;
    }
    let functions = paths::dist().join(DBT_FUNCTIONS);
    if functions.exists() {
        fs::remove_dir_all(&functions).with_context(|| format!("cannot remove {}", functions.display()))?;
    }
    for (path, text) in files {
        let path = paths::dist().join(path);
        let folder = path.parent().context("a file lies in a folder")?;
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Makes the folder, and removes the scripts of earlier builds from it: a script that is no more must not be released.
fn clear(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "sql") {
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}

/// All files as path below `dist/` and text.
fn generate(
    catalogue: &Catalogue,
    modules: &[ModuleHash],
    bodies: Bodies<'_>,
    names: &Names,
    obsolete: &Obsolete,
    commit: &str,
) -> Result<Vec<(String, String)>> {
    let environment = environment(&paths::root().join("sql"));
    let common = |dialect: &dyn Dialect| Common {
        version: VERSION,
        commit: commit.to_owned(),
        modules: modules.to_vec(),
        obsolete: obsolete.of(dialect.folder()).to_vec(),
        verify: verify::verify(catalogue, dialect),
        hash_digits: HASH_DIGITS,
    };
    let mut files = Vec::new();
    let snowflake = Snowflake { schema: names.snowflake_schema.clone() };
    let context = Value::from_serialize(snowflake.context(catalogue, bodies, common(&snowflake))?);
    files.extend(render(&environment, snowflake.folder(), &context)?);
    let mut dbt_functions = dbt_functions(&environment, snowflake.folder(), &context)?;
    let bigquery = BigQuery { dataset: names.bigquery_dataset.clone(), location: names.bigquery_location.clone() };
    let context = Value::from_serialize(bigquery.context(catalogue, bodies, common(&bigquery))?);
    let scripts = render(&environment, bigquery.folder(), &context)?;
    files.extend(in_parts(&scripts)?);
    files.extend(scripts);
    dbt_functions.extend(self::dbt_functions(&environment, bigquery.folder(), &context)?);
    let context = Value::from_serialize(DuckDb.context(catalogue, common(&DuckDb))?);
    files.extend(render(&environment, DuckDb.folder(), &context)?);
    dbt_functions.extend(self::dbt_functions(&environment, DuckDb.folder(), &context)?);
    for (path, text) in &files {
        check(path, text)?;
    }
    files.extend(dbt_functions);
    Ok(files)
}

/// BigQuery's install script in parts that `bq query` and the console can send.
fn in_parts(scripts: &[(String, String)]) -> Result<Vec<(String, String)>> {
    let (_, install) =
        scripts.iter().find(|(path, _)| path == "bigquery/install.sql").context("there is no install script")?;
    let parts = script::parts(install, &format!("plg-udfs {VERSION} for BigQuery: install.sql"), MAX_QUERY)?;
    let path = |number: usize| format!("bigquery/install_{}.sql", number + 1);
    Ok(parts.into_iter().enumerate().map(|(number, part)| (path(number), part)).collect())
}

/// The functions as dbt's own resources, for a project's folder `functions`: `sql/<warehouse>/dbt_functions.jinja` holds the
/// files, each after a line `=== name`.
fn dbt_functions(environment: &Environment<'_>, folder: &str, context: &Value) -> Result<Vec<(String, String)>> {
    let template = format!("{folder}/dbt_functions.jinja");
    let text = environment.get_template(&template).and_then(|template| template.render(context));
    let text = text.with_context(|| format!("sql/{template}"))?;
    let mut files = Vec::new();
    for part in format!("\n{text}").split("\n=== ").skip(1) {
        let (name, content) = part.split_once('\n').context("a file has a name")?;
        // Of what dbt reads as Jinja, only its own reference to a function is meant.
        let jinja = ["{{", "{%", "{#"].map(|start| content.matches(start).count());
        let references = content.matches("{{ function('").count();
        ensure!(jinja == [references, 0, 0], "{folder}/{name}: dbt would read a part of it as Jinja");
        // dbt puts a body between $$ on Snowflake and between r''' on BigQuery.
        let ends = content.contains("$$") || content.contains("'''");
        ensure!(!ends, "{folder}/{name}: would end before its end in dbt's statement");
        files.push((format!("{DBT_FUNCTIONS}/{folder}/{name}"), format!("{}\n", content.trim_end())));
    }
    Ok(files)
}

/// What the templates of every warehouse see.
#[derive(Serialize)]
struct Common {
    version: &'static str,
    /// What was built, as [`crate::commit::source`] says it.
    commit: String,
    modules: Vec<ModuleHash>,
    /// Signatures of earlier versions that must go.
    obsolete: Vec<String>,
    verify: verify::Verify,
    hash_digits: usize,
}

fn environment(folder: &Path) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_loader(minijinja::path_loader(folder));
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_keep_trailing_newline(true);
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    // These are SQL files: nothing is escaped on the way.
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment
}

/// Every `*.sql.jinja` of a warehouse, in alphabetical order.
fn render(environment: &Environment<'_>, folder: &str, context: &Value) -> Result<Vec<(String, String)>> {
    let templates = paths::root().join("sql").join(folder);
    let mut names = Vec::new();
    for entry in fs::read_dir(&templates).with_context(|| format!("cannot read {}", templates.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        names.extend(name.strip_suffix(".jinja").filter(|name| name.ends_with(".sql")).map(str::to_owned));
    }
    names.sort();
    let render = |name: &str| {
        let template = format!("{folder}/{name}.jinja");
        let text = environment.get_template(&template).and_then(|template| template.render(context));
        Ok((format!("{folder}/{name}"), text.with_context(|| format!("sql/{template}"))?))
    };
    names.iter().map(|name| render(name)).collect()
}

/// Refuses what a client or the warehouse would read as something else.
fn check(path: &str, text: &str) -> Result<()> {
    // snow sql and dbt look for these in any text, bodies and comments included.
    let templating = ["{{", "{%", "<%"];
    for forbidden in templating.into_iter().chain(path.starts_with("snowflake/").then_some("&")) {
        ensure!(!text.contains(forbidden), "{path}: must not contain {forbidden}");
    }
    ensure!(text.ends_with('\n') && !text.contains('\r'), "{path}: must have lines that end in a newline");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};
    use std::collections::BTreeMap;

    fn stub(name: &str, warehouse: Warehouse) -> Body {
        let text = format!("return '{name} {warehouse:?}';");
        let hash = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
        Body { text, hash }
    }

    fn files_with(names: &Names, obsolete: &Obsolete) -> Vec<(String, String)> {
        let catalogue = plg_catalogue::load(paths::root()).unwrap();
        let modules = [ModuleHash { family: "decay".to_owned(), sha256: "0".repeat(64) }];
        generate(&catalogue, &modules, &stub, names, obsolete, "0123abcd").unwrap()
    }

    fn files(names: &Names) -> Vec<(String, String)> {
        files_with(names, &Obsolete::default())
    }

    #[test]
    fn obsolete_signatures_are_dropped_last_and_by_uninstall_too() {
        let obsolete: Obsolete = toml::from_str(
            "snowflake = ['old_score(ARRAY, VARCHAR)']\nbigquery = ['old_score']\nduckdb = ['old_score']",
        )
        .unwrap();
        let files: BTreeMap<String, String> = files_with(&Names::default(), &obsolete).into_iter().collect();
        for (warehouse, drop) in [
            ("snowflake", "DROP FUNCTION IF EXISTS old_score(ARRAY, VARCHAR);\n"),
            ("bigquery", "DROP FUNCTION IF EXISTS `YOUR_PROJECT.plg.old_score`;\n"),
            ("duckdb", "DROP MACRO IF EXISTS plg.old_score;\n"),
        ] {
            let install = &files[&format!("{warehouse}/install.sql")];
            assert!(install.ends_with(drop), "{warehouse}");
            assert!(install.rfind("CREATE OR REPLACE") < install.find(drop), "{warehouse}");
            assert!(files[&format!("{warehouse}/uninstall.sql")].contains(drop), "{warehouse}");
        }
    }

    #[test]
    fn every_warehouse_can_be_installed_verified_and_uninstalled() {
        let paths: Vec<String> = files(&Names::default()).into_iter().map(|(path, _)| path).collect();
        for warehouse in ["snowflake", "bigquery", "duckdb"] {
            for file in ["install", "verify", "uninstall"] {
                assert!(paths.contains(&format!("{warehouse}/{file}.sql")), "{paths:?}");
            }
        }
    }

    #[test]
    fn dbt_gets_a_body_and_a_function_for_each_and_describes_both() {
        let files: BTreeMap<String, String> = files(&Names::default()).into_iter().collect();
        for folder in ["snowflake", "bigquery"] {
            let folder = format!("{DBT_FUNCTIONS}/{folder}");
            let described = &files[&format!("{folder}/functions.yml")];
            for function in plg_catalogue::load(paths::root()).unwrap().functions {
                let call = format!("{{{{ function('{}_body') }}}}(", function.name);
                assert!(files[&format!("{folder}/{}.sql", function.name)].contains(&call), "{}", function.name);
                assert!(files[&format!("{folder}/{}_body.js", function.name)].contains(&function.name));
                for name in [function.name.clone(), format!("{}_body", function.name)] {
                    assert!(described.contains(&format!("  - name: {name}\n")), "{name}");
                }
            }
        }
    }

    #[test]
    fn an_install_script_says_of_which_version_commit_and_modules_it_is() {
        let files: BTreeMap<String, String> = files(&Names::default()).into_iter().collect();
        for warehouse in ["snowflake", "bigquery", "duckdb"] {
            let header = files[&format!("{warehouse}/install.sql")].split("\n\n").next().unwrap().to_owned();
            for part in [
                format!("-- plg-udfs {VERSION} for"),
                "-- Source: commit 0123abcd\n".to_owned(),
                "decay 0000".to_owned(),
            ] {
                assert!(header.contains(&part), "{warehouse}: {part}");
            }
        }
    }

    #[test]
    fn dbt_on_duckdb_gets_every_function_as_an_expression_over_the_extension() {
        let files: BTreeMap<String, String> = files(&Names::default()).into_iter().collect();
        let described = &files[&format!("{DBT_FUNCTIONS}/duckdb/functions.yml")];
        for function in plg_catalogue::load(paths::root()).unwrap().functions {
            let expression = &files[&format!("{DBT_FUNCTIONS}/duckdb/{}.sql", function.name)];
            assert!(expression.contains(&format!("plg_{}(", function.name)), "{expression}");
            assert!(described.contains(&format!("  - name: {}\n", function.name)), "{}", function.name);
        }
    }

    #[test]
    fn the_same_input_gives_the_same_text() {
        assert_eq!(files(&Names::default()), files(&Names::default()));
    }

    #[test]
    fn chosen_names_replace_the_placeholders_everywhere() {
        let names = Names {
            snowflake_schema: "growth.functions".to_owned(),
            bigquery_dataset: "acme-1.growth".to_owned(),
            bigquery_location: "EU".to_owned(),
        };
        for (path, text) in files(&names) {
            assert!(!text.contains("YOUR_PROJECT"), "{path}");
            match path.split('/').next() {
                Some("snowflake") => assert!(text.contains("growth.functions"), "{path}"),
                Some("bigquery") => assert!(text.contains("acme-1.growth"), "{path}"),
                _ => {}
            }
        }
    }

    #[test]
    fn a_name_cannot_end_a_statement() {
        let names = Names { bigquery_dataset: "p.plg`; DROP".to_owned(), ..Names::default() };
        assert!(names.check().is_err());
        let names = Names { snowflake_schema: "a.b.c".to_owned(), ..Names::default() };
        assert!(names.check().is_err());
    }

    #[test]
    fn text_that_a_client_would_expand_is_refused() {
        assert!(check("snowflake/install.sql", "SELECT 'a & b';\n").is_err());
        assert!(check("bigquery/install.sql", "SELECT '{{ a }}';\n").is_err());
        assert!(check("snowflake/install.sql", "SELECT 1;\n").is_ok());
    }
}
