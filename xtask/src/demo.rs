//! `cargo xtask demo`: from a clone to scored users in a DuckDB file and a page that shows what is in it.
//!
//! The file of events is checked first, so that whoever brings an unfit one learns it before anything is built.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};
use clap::Args;
use serde::Deserialize;

use crate::{dist, paths, process, tools};

/// The status with which `load.py` ends when the user's file does not fit; its output is the message.
const UNUSABLE_FILE: i32 = 2;

/// What the demo can be asked for.
#[derive(Args)]
pub struct Options {
    /// Your own events instead of the sample: a CSV (UTF-8, commas, a header) or Parquet file with the columns user_id,
    /// event and occurred_at (a timestamp or ISO-8601 text; UTC unless it names a zone), and where you have them
    /// workspace_id, anonymous_id, role (by the scoring model's names), count (events the row stands for), event_id,
    /// source and properties (JSON text). Other columns are not read.
    #[arg(long, value_name = "PATH")]
    events: Option<PathBuf>,

    /// The moment to score for: a timestamp such as 2026-06-30T14:05:00Z (UTC unless it names a zone), or a date for
    /// the last microsecond of that UTC day. Later events are counted but not scored [default: the latest event]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    as_of: Option<NaiveDateTime>,

    /// The DuckDB file to create; only the default one is replaced if it exists
    #[arg(long, value_name = "PATH")]
    database: Option<PathBuf>,

    /// Use dist/ as it is instead of building it first
    #[arg(long, hide = true)]
    built: bool,
}

/// What `load.py` found in the file of events.
#[derive(Deserialize)]
struct Events {
    rows: u64,
    first_at: NaiveDateTime,
    last_at: NaiveDateTime,
    other_columns: Vec<String>,
}

/// Builds, loads the events, runs the dbt project on them, prints the hottest users and workspaces, and writes the report.
///
/// # Errors
/// If the file of events does not fit, the database exists already, or a step fails.
pub fn run(options: &Options) -> Result<()> {
    let database = database(options.database.as_deref())?;
    let events = load(&database, options.events.as_deref())?;
    let as_of = options.as_of.unwrap_or(events.last_at);
    println!("{} rows of events from {} to {} UTC", events.rows, events.first_at, events.last_at);
    if options.events.is_some() && !events.other_columns.is_empty() {
        println!("Columns that nothing reads: {}", events.other_columns.join(", "));
    }
    if !options.built {
        dist::run()?;
    }
    install(&database)?;
    build(&database, as_of, options.events.is_none() && options.as_of.is_none())?;
    let mut hottest = script("hottest.py")?;
    print!("\n{}", process::run("reading the scores", hottest.arg("--database").arg(&database))?);
    let report = report(&database)?;
    println!("\nAll tables are in {}, schema analytics.", database.display());
    println!("The report, a page for your browser: {}", report.display());
    Ok(())
}

/// The absolute path of the file to create, with nothing in its place.
fn database(chosen: Option<&Path>) -> Result<PathBuf> {
    let path = match chosen {
        Some(path) => std::path::absolute(path).context("the database's path is not usable")?,
        None => paths::root().join("demo/demo.duckdb"),
    };
    // DuckDB names a database after its file, and plg.score_events would be looked for in the database plg.
    ensure!(
        path.file_stem().is_some_and(|stem| stem != "plg"),
        "the functions are in a schema named plg, so the \
        database needs another name: {}",
        path.display()
    );
    if chosen.is_some() {
        ensure!(!path.exists(), "{} exists; delete it or choose another name", path.display());
    } else {
        for file in [path.clone(), path.with_extension("duckdb.wal")].iter().filter(|file| file.exists()) {
            fs::remove_file(file).with_context(|| format!("cannot replace {}", file.display()))?;
        }
    }
    let folder = path.parent().context("the database's path is not usable")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(path)
}

/// Creates the database with the raw tables.
fn load(database: &Path, events: Option<&Path>) -> Result<Events> {
    let mut load = script("load.py")?;
    load.arg("--database").arg(database).arg("--sample").arg(paths::root().join("sample"));
    if let Some(events) = events {
        load.arg("--events").arg(events);
    }
    let loaded = process::observe("loading the events", &mut load)?;
    if !loaded.status.success() {
        // Nothing of use is in it, and it would be in the way of the next attempt.
        fs::remove_file(database).with_context(|| format!("cannot remove {}", database.display()))?;
    }
    match (loaded.status.code(), events) {
        (Some(0), _) => serde_json::from_str(&loaded.stdout).context("load.py said something unexpected"),
        (Some(UNUSABLE_FILE), Some(events)) => bail!("{}: {}", events.display(), loaded.stdout.trim_end()),
        _ => bail!("loading the events failed\n{}", loaded.output.trim_end()),
    }
}

/// Installs the functions in the database, as an administrator would.
fn install(database: &Path) -> Result<()> {
    let mut install = script("install.py")?;
    install.arg("--database").arg(database).arg("--extension").arg(extension());
    install.arg("--script").arg(paths::dist().join("duckdb/install.sql"));
    process::run("installing the functions", &mut install)?;
    Ok(())
}

/// Runs the dbt project with all its tests.
fn build(database: &Path, as_of: NaiveDateTime, is_sample: bool) -> Result<()> {
    let project = paths::root().join("dbt/integration_tests");
    let output = database.with_extension("dbt");
    let dbt = |subcommand: &str| -> Result<Command> {
        let mut dbt = Command::new(tools::python_bin("dbt", "dbt")?);
        dbt.args(["--no-use-colors", "--log-path"]).arg(output.join("logs")).arg(subcommand);
        dbt.arg("--project-dir").arg(&project).arg("--profiles-dir").arg(&project);
        dbt.env("PLG_DUCKDB_DATABASE", database).env("PLG_DUCKDB_EXTENSION", extension());
        // Otherwise dbt writes beside the sources, and modules of Python compiled there too.
        dbt.env("PYTHONDONTWRITEBYTECODE", "1");
        Ok(dbt)
    };
    process::run("preparing the dbt project", &mut dbt("deps")?)?;
    let mut variables = serde_json::json!({ "as_of": as_of.format("%Y-%m-%d %H:%M:%S%.6f").to_string() });
    if !is_sample {
        // The golden records are the sample's. Events alone cannot pass every check, and the report shows those that fail.
        variables["plg_golden_records"] = serde_json::json!([]);
        variables["plg_trust_severity"] = "warn".into();
    }
    let mut build = dbt("build")?;
    build.arg("--target-path").arg(output.join("target")).args(["--vars", &variables.to_string()]);
    process::run("running dbt build", &mut build)?;
    Ok(())
}

/// Draws the page, which lies beside the database and needs nothing else to be read.
fn report(database: &Path) -> Result<PathBuf> {
    let page = database.with_extension("report.html");
    let mut report = script("report.py")?;
    report.arg("--database").arg(database).arg("--charts").arg(tools::charts()?).arg("--page").arg(&page);
    process::run("drawing the report", &mut report)?;
    Ok(page)
}

fn extension() -> PathBuf {
    paths::dist().join("duckdb/plg.duckdb_extension")
}

/// A script of `xtask/demo/`, run by the Python that has DuckDB and dbt.
fn script(name: &str) -> Result<Command> {
    let mut command = Command::new(tools::python("dbt")?);
    command.arg("-B").arg(paths::root().join("xtask/demo").join(name));
    Ok(command)
}

/// Reads the moment to score for.
fn moment(text: &str) -> Result<NaiveDateTime, String> {
    let last_of_day = NaiveTime::from_hms_micro_opt(23, 59, 59, 999_999).expect("the time exists");
    let zoned = DateTime::parse_from_rfc3339(text).map(|time| time.naive_utc());
    zoned
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f"))
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f"))
        .or_else(|_| NaiveDate::parse_from_str(text, "%Y-%m-%d").map(|date| date.and_time(last_of_day)))
        .map_err(|_| "write a timestamp such as 2026-06-30T14:05:00Z, or a date such as 2026-06-30".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_means_the_last_microsecond_of_that_day() {
        assert_eq!(moment("2026-06-30").unwrap().to_string(), "2026-06-30 23:59:59.999999");
    }

    #[test]
    fn a_timestamp_is_utc_unless_it_names_a_zone() {
        for text in ["2026-06-30T14:05:00Z", "2026-06-30T14:05:00", "2026-06-30 14:05:00", "2026-06-30T16:05:00+02:00"]
        {
            assert_eq!(moment(text).unwrap().to_string(), "2026-06-30 14:05:00", "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_an_example() {
        for text in ["", "yesterday", "2026-13-01", "30.06.2026"] {
            assert!(moment(text).unwrap_err().contains("2026-06-30T14:05:00Z"), "{text}");
        }
    }

    #[test]
    fn a_database_named_like_the_schema_is_refused() {
        let error = database(Some(Path::new("/tmp/plg.duckdb"))).unwrap_err().to_string();
        assert!(error.contains("another name"), "{error}");
    }

    #[test]
    fn an_existing_file_of_the_users_is_not_replaced() {
        let error = database(Some(&paths::root().join("Cargo.toml"))).unwrap_err().to_string();
        assert!(error.contains("exists"), "{error}");
    }
}
