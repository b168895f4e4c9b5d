//! `cargo xtask test`: runs the suites, as many at a time as there are cores, and adds them up.
//!
//! A skipped test is a failure, and so is a suite that ran no test or did not finish: the closing line counts each.

pub mod counts;
mod suites;

use std::process::{Command, ExitCode};

use anyhow::{Result, bail, ensure};

use self::counts::Counts;
use self::suites::{SUITES, Suite};
use crate::{paths, process, workers};

/// Runs all suites, or those named in `only`, as many at a time as there are cores, whatever becomes of each, and ends with
/// the line `N passed, N failed`.
///
/// Returns failure unless every suite ran at least one test and all tests passed.
///
/// # Errors
/// If `only` names a suite that does not exist; nothing has run then.
pub fn run(only: &[String]) -> Result<ExitCode> {
    let suites = chosen(only)?;
    // Before a suite can build xtask anew.
    paths::xtask()?;
    let dist = if suites.iter().any(|suite| suite.runner.needs_dist()) { build_dist() } else { Ok(()) };
    if let Err(error) = &dist {
        println!("{error:#}");
    }
    let verdicts = workers::map(&suites, |_, suite| {
        let verdict = run_suite(suite, dist.is_ok()).unwrap_or_else(|error| Verdict::not_run(&error));
        process::print(&verdict.line(suite.name));
        verdict
    });
    if verdicts.len() > 1 {
        let lines: Vec<String> =
            verdicts.iter().zip(&suites).map(|(verdict, suite)| verdict.line(suite.name)).collect();
        println!("\n{}\n", lines.join("\n"));
    }
    let mut sum = Counts::default();
    verdicts.into_iter().for_each(|verdict| sum += verdict.counts);
    println!("{} passed, {} failed", sum.passed, sum.failed);
    Ok(if sum.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn chosen(only: &[String]) -> Result<Vec<&'static Suite>> {
    if let Some(unknown) = only.iter().find(|name| !SUITES.iter().any(|suite| suite.name == **name)) {
        let names: Vec<&str> = SUITES.iter().map(|suite| suite.name).collect();
        bail!("there is no suite named {unknown}; there are: {}", names.join(", "));
    }
    Ok(SUITES.iter().filter(|suite| only.is_empty() || only.iter().any(|name| name == suite.name)).collect())
}

/// Runs one suite and prints all it said unless all is well.
fn run_suite(suite: &Suite, has_dist: bool) -> Result<Verdict> {
    ensure!(has_dist || !suite.runner.needs_dist(), "dist/ could not be built, see above");
    let mut command = suite.runner.command()?;
    let finished = process::observe(&format!("testing {} ({})", suite.name, suite.claim), &mut command)?;
    let counts = counts::read(suite.runner.format(), &finished.output);
    let verdict = Verdict::new(counts, finished.status.success(), &process::seconds(finished.duration));
    if !verdict.complaints.is_empty() {
        process::print(&format!("{}\n{}", process::display(&command), finished.output.trim_end()));
    }
    Ok(verdict)
}

/// The build output and the random cases that most suites read: made once, before the first of them.
fn build_dist() -> Result<()> {
    let xtask = paths::xtask()?;
    process::run("building dist/ for the tests", Command::new(&xtask).arg("dist"))?;
    process::run("drawing the random cases", Command::new(&xtask).arg("parity"))?;
    process::run("building the site", Command::new(&xtask).arg("docs"))?;
    Ok(())
}

/// What became of one suite. Only without complaints is all well.
#[derive(Debug, PartialEq)]
struct Verdict {
    /// With everything that is wrong counted as failed.
    counts: Counts,
    complaints: Vec<String>,
    duration: String,
}

impl Verdict {
    fn new(counts: Counts, success: bool, duration: &str) -> Self {
        let mut complaints = Vec::new();
        let mut failed = counts.failed + counts.skipped;
        if counts.skipped > 0 {
            complaints.push(format!("{} of them skipped", counts.skipped));
        }
        if counts.passed + failed == 0 {
            complaints.push("no test was run".to_owned());
        } else if !success && failed == 0 {
            complaints.push("the runner failed without a failed test".to_owned());
        }
        if failed == 0 && !complaints.is_empty() {
            failed = 1;
        }
        if failed > 0 {
            complaints.insert(0, format!("{failed} failed"));
        }
        Self { counts: Counts { failed, ..counts }, complaints, duration: duration.to_owned() }
    }

    fn not_run(error: &anyhow::Error) -> Self {
        Self {
            counts: Counts { failed: 1, ..Counts::default() },
            complaints: vec!["1 failed".to_owned(), format!("{error:#}")],
            duration: "not run".to_owned(),
        }
    }

    fn line(&self, name: &str) -> String {
        let words: Vec<String> =
            std::iter::once(format!("{} passed", self.counts.passed)).chain(self.complaints.iter().cloned()).collect();
        format!("{name:<14} {:>8}   {}", self.duration, words.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u32, failed: u32, skipped: u32) -> Counts {
        Counts { passed, failed, skipped }
    }

    #[test]
    fn a_suite_with_only_passed_tests_is_well() {
        let verdict = Verdict::new(counts(3, 0, 0), true, "1.0 s");
        assert_eq!((verdict.counts, verdict.complaints.len()), (counts(3, 0, 0), 0));
    }

    #[test]
    fn a_skipped_test_is_a_failure() {
        let verdict = Verdict::new(counts(3, 0, 2), true, "1.0 s");
        assert_eq!(verdict.counts.failed, 2);
        assert_eq!(verdict.complaints, ["2 failed", "2 of them skipped"]);
    }

    #[test]
    fn a_suite_that_ran_no_test_is_a_failure() {
        let verdict = Verdict::new(Counts::default(), true, "1.0 s");
        assert_eq!(verdict.counts.failed, 1);
        assert_eq!(verdict.complaints, ["1 failed", "no test was run"]);
    }

    #[test]
    fn a_runner_that_crashed_after_good_tests_is_a_failure() {
        let verdict = Verdict::new(counts(3, 0, 0), false, "1.0 s");
        assert_eq!(verdict.counts, counts(3, 1, 0));
        assert_eq!(verdict.complaints, ["1 failed", "the runner failed without a failed test"]);
    }

    #[test]
    fn failed_tests_are_counted_as_they_are() {
        let verdict = Verdict::new(counts(3, 2, 0), false, "1.0 s");
        assert_eq!((verdict.counts, verdict.complaints.as_slice()), (counts(3, 2, 0), &["2 failed".to_owned()][..]));
    }

    #[test]
    fn an_unknown_suite_is_refused_with_the_names_of_all() {
        let error = chosen(&["no-such-suite".to_owned()]).err().unwrap().to_string();
        assert!(error.contains("no-such-suite") && error.contains("core"), "{error}");
    }

    #[test]
    fn suite_names_are_unique() {
        let mut names: Vec<&str> = SUITES.iter().map(|suite| suite.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), SUITES.len());
    }
}
