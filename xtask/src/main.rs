//! The build pipeline of plg-udfs. `cargo xtask --help` lists the commands; each has a module of its own.

mod bench;
mod book;
mod commit;
mod crates;
mod dbt_package;
mod demo;
mod dist;
mod extension;
mod javascript;
mod modules;
mod native;
mod new_function;
mod package;
mod parity;
mod paths;
mod playground;
mod process;
mod reference;
mod release;
mod sample;
mod sql;
mod starter_documents;
mod test;
mod tools;
mod trial;
mod workers;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Build, demo, test and measure plg-udfs")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install every pinned tool into a cache outside the repository (the other commands install what they need)
    Tools {
        /// Resolve the packages of tools.toml anew and rewrite the lock files below tools/ instead
        #[arg(long)]
        lock: bool,
    },
    /// Build, create a DuckDB file, load the sample or your events, run the dbt project and print the hottest users and workspaces
    Demo(demo::Options),
    /// Regenerate the committed files that `dist` does not: sample/*.csv, dbt/macros/starter_*.sql and docs/dbt/*.md
    #[command(hide = true)]
    Sample,
    /// Write random cases with native answers into dist/parity/, for the tests of the other hosts
    #[command(hide = true)]
    Parity,
    /// Build what a release attaches into dist/ and the npm package into pkg/, and rewrite the function reference below docs/
    Dist {
        /// Where Snowflake's functions are installed, SCHEMA or DATABASE.SCHEMA
        #[arg(long, value_name = "SCHEMA", default_value_t = sql::Names::default().snowflake_schema)]
        snowflake_schema: String,
        /// Where BigQuery's functions are installed
        #[arg(long, value_name = "PROJECT.DATASET", default_value_t = sql::Names::default().bigquery_dataset)]
        bigquery_dataset: String,
        /// Where BigQuery creates the dataset
        #[arg(long, value_name = "LOCATION", default_value_t = sql::Names::default().bigquery_location)]
        bigquery_location: String,
    },
    /// Build the modules and the JavaScript bodies alone, and print their sizes
    #[command(hide = true)]
    Bodies,
    /// Write the dbt package alone, with the install scripts that dist/ holds
    #[command(hide = true)]
    DbtPackage,
    /// Build the npm package alone
    #[command(hide = true)]
    Package,
    /// Build the documentation site into dist/site/
    Docs,
    /// Build the playground alone into dist/site/playground/, over pkg/ as it is
    Playground,
    /// Build everything and put what a release attaches into dist/release/
    Release {
        /// Make this part alone, from what the others left in dist/
        #[arg(long, value_name = "PART")]
        only: Option<release::Part>,
        /// The tag that is released, refused if it is not that of the version
        #[arg(long, value_name = "TAG")]
        tag: Option<String>,
    },
    /// Pack and build the core as crates.io would get it (cargo publish --dry-run)
    Crates {
        /// Publish it, with the token that cargo is given
        #[arg(long)]
        publish: bool,
    },
    /// Write the files of a new function, which then only has to compute something else
    NewFunction {
        /// The module that carries it, there already or not
        family: String,
        /// Its name in SQL
        name: String,
    },
    /// Build one family alone and run its tests and examples in every host
    Try {
        /// A folder of udfs/
        family: String,
    },
    /// Measure against what one would use instead, print a table and write dist/bench.json
    Bench {
        /// Measure only what has this in its name
        #[arg(long, value_name = "NAME")]
        only: Option<String>,
    },
    /// Run every test, after installing what the tests need
    Test {
        /// Run this suite alone (may be repeated)
        #[arg(long, value_name = "SUITE")]
        only: Vec<String>,
    },
}

fn main() -> ExitCode {
    run(Arguments::parse().command).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Tools { lock: false } => tools::install_all()?,
        Command::Tools { lock: true } => tools::lock()?,
        Command::Dist { snowflake_schema, bigquery_dataset, bigquery_location } => {
            dist::run_as(&sql::Names { snowflake_schema, bigquery_dataset, bigquery_location })?;
            // Not part of what the demo builds: its tools take minutes to compile.
            package::build()?;
        }
        Command::Demo(options) => demo::run(&options)?,
        Command::Parity => parity::run()?,
        Command::Sample => {
            sample::write(&paths::root().join("sample"))?;
            starter_documents::write_macros()?;
            book::write_dbt_pages()?;
        }
        Command::Bodies => {
            let catalogue = plg_catalogue::load(paths::root())?;
            let modules = modules::build(&catalogue)?;
            println!("{}", javascript::Bodies::build(&catalogue, &modules)?.size_table());
        }
        Command::DbtPackage => dbt_package::write()?,
        Command::Package => package::build()?,
        Command::Docs => book::build()?,
        Command::Playground => playground::build()?,
        Command::Release { only, tag } => release::run(only, tag.as_deref())?,
        Command::Crates { publish } => crates::run(publish)?,
        Command::NewFunction { family, name } => new_function::run(&family, &name)?,
        Command::Try { family } => trial::run(&family)?,
        Command::Bench { only } => bench::run(only.as_deref())?,
        Command::Test { only } => return test::run(&only),
    }
    Ok(ExitCode::SUCCESS)
}
