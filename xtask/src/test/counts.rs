//! Reading how many tests passed from what the test runners print.

use std::ops::AddAssign;

/// How many tests of a suite ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counts {
    pub passed: u32,
    pub failed: u32,
    /// Not run, or run with a result that counts for nothing: ignored, filtered out, expected to fail, still to do.
    pub skipped: u32,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// The runner whose closing lines are read. Several runs may stand one after the other in the same output.
#[derive(Clone, Copy, Debug)]
pub enum Format {
    /// `cargo test`, documentation tests included, and wasm-bindgen-test: `test result: ok. 3 passed; ...`.
    Libtest,
    /// pytest: `2 failed, 3 passed, 1 skipped in 0.12s`, plain or between `=` signs.
    Pytest,
    /// Node's test runner with the reporter tap (`# pass 3`) or spec (`ℹ pass 3`).
    Node,
}

/// Adds up all closing lines in `output`; nothing but zeros where there is none.
pub fn read(format: Format, output: &str) -> Counts {
    let mut sum = Counts::default();
    for line in output.lines() {
        let line = without_colours(line);
        let pairs = match format {
            Format::Libtest => libtest(&line),
            Format::Pytest => pytest(&line),
            Format::Node => node(&line),
        };
        for (count, word) in pairs.unwrap_or_default() {
            sum += counts(format, count, &word);
        }
    }
    sum
}

/// What `count` times `word` means in the words of a runner.
fn counts(format: Format, count: u32, word: &str) -> Counts {
    let passed = Counts { passed: count, ..Counts::default() };
    let failed = Counts { failed: count, ..Counts::default() };
    let skipped = Counts { skipped: count, ..Counts::default() };
    match (format, word) {
        (_, "passed") | (Format::Node, "pass") => passed,
        (_, "failed") | (Format::Node, "fail" | "cancelled") => failed,
        (Format::Pytest, "error" | "errors") => failed,
        (Format::Libtest, "ignored" | "filtered out") => skipped,
        (Format::Pytest, "skipped" | "deselected" | "xfailed" | "xpassed") => skipped,
        (Format::Node, "skipped" | "todo") => skipped,
        // Benchmarks that were measured, pytest's warnings, and Node's totals.
        _ => Counts::default(),
    }
}

type Pairs = Vec<(u32, String)>;

fn libtest(line: &str) -> Option<Pairs> {
    // wasm-bindgen-test leaves out a whole file of tests that is configured for the other environment.
    if line.starts_with("this test suite is only configured to run in") && line.trim_end().ends_with("so skipping") {
        return Some(vec![(1, "ignored".to_owned())]);
    }
    let (_, list) = line.trim().strip_prefix("test result: ")?.split_once(". ")?;
    Some(list.split(';').filter_map(number_then_word).collect())
}

fn pytest(line: &str) -> Option<Pairs> {
    let (list, duration) = line.trim().trim_matches('=').trim().rsplit_once(" in ")?;
    duration.split([' ', 's']).next()?.parse::<f64>().ok()?;
    // All of the line must be counts, or it is a sentence that happens to end like one.
    list.split(',').map(number_then_word).collect()
}

fn node(line: &str) -> Option<Pairs> {
    let (word, count) = line.strip_prefix(['#', 'ℹ'])?.trim().split_once(' ')?;
    Some(vec![(count.parse().ok()?, word.to_owned())])
}

/// `3 passed` as `(3, "passed")`.
fn number_then_word(text: &str) -> Option<(u32, String)> {
    let (count, word) = text.trim().split_once(' ')?;
    Some((count.parse().ok()?, word.to_owned()))
}

/// The line without the escape sequences `ESC [ ... letter` that colour it.
fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            characters.by_ref().skip(1).find(char::is_ascii_alphabetic);
        } else {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u32, failed: u32, skipped: u32) -> Counts {
        Counts { passed, failed, skipped }
    }

    #[test]
    fn cargo_test_adds_up_its_binaries_and_documentation_tests() {
        let output = "\
   Compiling plg-udfs v0.1.0
     Running unittests src/lib.rs (target/debug/deps/plg_udfs-0c1d)

running 2 tests
test decay::tests::half_is_left_after_one_half_life ... ok
test decay::tests::age_zero_keeps_all_points ... FAILED

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s

   Doc-tests plg_udfs

running 3 tests
test src/lib.rs - decay (line 3) ... ok

test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.52s
";
        assert_eq!(read(Format::Libtest, output), counts(4, 1, 0));
    }

    #[test]
    fn cargo_test_ignored_and_filtered_out_are_skipped() {
        let line = "test result: ok. 3 passed; 0 failed; 2 ignored; 1 measured; 4 filtered out; finished in 0.00s";
        assert_eq!(read(Format::Libtest, line), counts(3, 0, 6));
    }

    #[test]
    fn wasm_bindgen_test_is_read_like_cargo_test() {
        let output = "\
running 2 tests
test typed::score_of_no_events_is_zero ... ok
test typed::rejects_a_model_that_is_not_json ... ok

test result: ok. 2 passed; 0 failed; 0 ignored; 0 filtered out; finished in 0.03s
";
        assert_eq!(read(Format::Libtest, output), counts(2, 0, 0));
    }

    #[test]
    fn wasm_bindgen_test_files_for_another_environment_are_skipped() {
        let output = "\
     Running tests/browser.rs (target/wasm32-unknown-unknown/debug/deps/browser-5dac.wasm)
this test suite is only configured to run in a browser, but we're only testing node.js tests so skipping
     Running tests/typed.rs (target/wasm32-unknown-unknown/debug/deps/typed-2e77.wasm)
test result: ok. 1 passed; 0 failed; 0 ignored; 0 filtered out; finished in 0.01s
";
        assert_eq!(read(Format::Libtest, output), counts(1, 0, 1));
    }

    #[test]
    fn pytest_verbose_closing_line() {
        let line = "== 1 failed, 1 skipped, 1 deselected, 1 xfailed, 1 xpassed, 1 error in 0.02s ===";
        assert_eq!(read(Format::Pytest, line), counts(0, 2, 4));
    }

    #[test]
    fn pytest_quiet_closing_line() {
        assert_eq!(read(Format::Pytest, "1 failed, 12 passed, 2 warnings, 3 errors in 0.02s"), counts(12, 4, 0));
    }

    #[test]
    fn pytest_coloured_and_long_running() {
        let line = "\u{1b}[32m==== \u{1b}[32m\u{1b}[1m1 passed\u{1b}[0m, \u{1b}[33m5 deselected\u{1b}[0m\u{1b}[32m in \
                    75.01s (0:01:15)\u{1b}[0m\u{1b}[32m ====\u{1b}[0m";
        assert_eq!(read(Format::Pytest, line), counts(1, 0, 5));
    }

    #[test]
    fn pytest_without_tests_counts_nothing() {
        assert_eq!(read(Format::Pytest, "============ no tests ran in 0.00s ============"), counts(0, 0, 0));
    }

    #[test]
    fn pytest_sentences_that_end_in_a_duration_are_no_closing_line() {
        assert_eq!(read(Format::Pytest, "3 passed the gate, others waited in 2s\nbuilt in 3.1s"), counts(0, 0, 0));
    }

    #[test]
    fn node_tap() {
        let output = "\
TAP version 13
# Subtest: caps hold
ok 1 - caps hold
1..5
# tests 5
# suites 0
# pass 1
# fail 1
# cancelled 1
# skipped 1
# todo 1
# duration_ms 126.959974
";
        assert_eq!(read(Format::Node, output), counts(1, 2, 2));
    }

    #[test]
    fn node_spec() {
        let output = "\
✔ caps hold (4.818816ms)
ℹ tests 3
ℹ suites 0
ℹ pass 3
ℹ fail 0
ℹ cancelled 0
ℹ skipped 0
ℹ todo 0
ℹ duration_ms 131.596236
";
        assert_eq!(read(Format::Node, output), counts(3, 0, 0));
    }
}
