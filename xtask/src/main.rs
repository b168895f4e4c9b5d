//! The build pipeline of plg-udfs. `cargo xtask --help` lists the commands; each has a module of its own.

mod javascript;
mod modules;
mod native;
mod parity;
mod paths;
mod process;
mod sample;
mod starter_model;
mod test;
mod tools;

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
    /// Regenerate the committed files that are generated: sample/*.csv and dbt/macros/starter_model.sql
    #[command(hide = true)]
    Sample,
    /// Write random cases with native answers into dist/parity/, for the tests of the other hosts
    #[command(hide = true)]
    Parity,
    /// Build the modules and the JavaScript bodies alone, and print their sizes
    #[command(hide = true)]
    Bodies,
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
        Command::Parity => parity::run()?,
        Command::Sample => {
            sample::write(&paths::root().join("sample"))?;
            starter_model::write_macro()?;
        }
        Command::Bodies => {
            let catalogue = plg_catalogue::load(paths::root())?;
            let modules = modules::build(&catalogue)?;
            println!("{}", javascript::Bodies::build(&catalogue, &modules)?.size_table());
        }
        Command::Test { only } => return test::run(&only),
    }
    Ok(ExitCode::SUCCESS)
}
