//! The build pipeline of plg-udfs. `cargo xtask --help` lists the commands.

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Build, demo, test and measure plg-udfs")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install the pinned tools that the other commands need, into a cache outside the repository
    Tools,
    /// Build everything a release attaches into dist/
    Dist,
    /// Build, create a DuckDB file, load the sample (or your events) and run the dbt project on it
    Demo,
    /// Run every test, after installing what the tests need
    Test,
    /// Measure against the baselines and write dist/bench.json
    Bench,
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Tools | Command::Dist | Command::Demo | Command::Test | Command::Bench => {
            anyhow::bail!("not built yet")
        }
    }
}
