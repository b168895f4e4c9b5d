//! Running other programs: what they print becomes progress while they run and evidence when they fail.

use std::io::{BufRead, BufReader, IsTerminal, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// How many of its last lines an error repeats of a program that failed.
const EVIDENCE_LINES: usize = 40;

/// How often a running step says so where there is no terminal to animate.
const HEARTBEAT: Duration = Duration::from_secs(60);

/// What a program did, whether it succeeded or not.
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed to standard output.
    pub stdout: String,
    /// What it printed to standard output and standard error, in the order in which the lines arrived.
    pub output: String,
    /// How long it ran.
    pub duration: Duration,
}

/// Runs a program with progress under `title` and returns what it printed to standard output.
///
/// # Errors
/// If it cannot be started or fails; the error holds the command and the end of its output.
pub fn run(title: &str, command: &mut Command) -> Result<String> {
    let finished = observe(title, command)?;
    if !finished.status.success() {
        bail!(
            "{title}: failed ({})\n  {}\n{}",
            finished.status,
            display(command),
            last_lines(&finished.output, EVIDENCE_LINES)
        );
    }
    Ok(finished.stdout)
}

/// Runs a program with progress under `title` to its end, failure or not.
///
/// # Errors
/// If it cannot be started.
pub fn observe(title: &str, command: &mut Command) -> Result<Finished> {
    let started = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("{title}: cannot start {}", display(command)))?;
    let (sender, lines) = channel();
    let readers = [
        read_lines(child.stdout.take().expect("stdout is piped"), Source::Stdout, sender.clone()),
        read_lines(child.stderr.take().expect("stderr is piped"), Source::Stderr, sender),
    ];
    let (stdout, output) = collect(&lines, &Progress::start(title));
    for reader in readers {
        reader.join().expect("reading a pipe does not panic");
    }
    let status = child.wait().with_context(|| format!("{title}: cannot wait for {}", display(command)))?;
    let duration = started.elapsed();
    let end = if status.success() { "done" } else { "failed" };
    SPINNERS.suspend(|| eprintln!("{title}: {end} in {}", seconds(duration)));
    Ok(Finished { status, stdout, output, duration })
}

/// Runs a program that answers at once, without progress, and returns its standard output without the final newline.
///
/// # Errors
/// If it cannot be started or fails; the error holds the command and what it said.
pub fn capture(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {}", display(command)))?;
    if !output.status.success() {
        bail!(
            "{} failed ({})\n{}",
            display(command),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim_end()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

/// The command as one would type it.
pub fn display(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args()).map(|word| {
        let word = word.to_string_lossy();
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@+".contains(c);
        if !word.is_empty() && word.chars().all(plain) { word.into_owned() } else { format!("'{word}'") }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Prints text to standard output, above the progress of what still runs.
pub fn print(text: &str) {
    SPINNERS.suspend(|| println!("{text}"));
}

/// A duration in seconds with one decimal, as progress and reports show it.
pub fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

/// The spinners of programs that run at the same time, below each other.
static SPINNERS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// A spinner with the elapsed time and the latest line on a terminal, plain lines elsewhere. It ends when dropped.
struct Progress<'a> {
    title: &'a str,
    started: Instant,
    spinner: Option<ProgressBar>,
}

impl<'a> Progress<'a> {
    fn start(title: &'a str) -> Self {
        let spinner = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{spinner} {prefix} [{elapsed}] {wide_msg:.dim}");
            let bar = ProgressBar::new_spinner().with_style(style.expect("the template is well formed"));
            let bar = SPINNERS.add(bar);
            bar.set_prefix(title.to_owned());
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        if spinner.is_none() {
            eprintln!("{title} ...");
        }
        Self { title, started: Instant::now(), spinner }
    }

    fn line(&self, line: &str) {
        if let Some(spinner) = &self.spinner {
            spinner.set_message(line.trim().to_owned());
        }
    }

    fn heartbeat(&self) {
        if self.spinner.is_none() {
            eprintln!("{}: still running after {}", self.title, seconds(self.started.elapsed()));
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Source {
    Stdout,
    Stderr,
}

type Line = (Source, String);

/// Sends every line of `pipe` (with its newline, invalid UTF-8 replaced) until the pipe closes.
fn read_lines(pipe: impl Read + Send + 'static, source: Source, lines: Sender<Line>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        let mut line = Vec::new();
        while matches!(pipe.read_until(b'\n', &mut line), Ok(read) if read > 0) {
            if lines.send((source, String::from_utf8_lossy(&line).into_owned())).is_err() {
                return;
            }
            line.clear();
        }
    })
}

/// Gathers lines until both pipes are closed: standard output alone, and everything.
fn collect(lines: &Receiver<Line>, progress: &Progress) -> (String, String) {
    let (mut stdout, mut output) = (String::new(), String::new());
    let mut next_heartbeat = Instant::now() + HEARTBEAT;
    loop {
        match lines.recv_timeout(next_heartbeat.saturating_duration_since(Instant::now())) {
            Ok((source, line)) => {
                progress.line(&line);
                output.push_str(&line);
                if source == Source::Stdout {
                    stdout.push_str(&line);
                }
            }
            Err(RecvTimeoutError::Timeout) => {
                progress.heartbeat();
                next_heartbeat += HEARTBEAT;
            }
            Err(RecvTimeoutError::Disconnected) => return (stdout, output),
        }
    }
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn run_returns_standard_output_only() {
        assert_eq!(run("echo", &mut shell("echo out; echo err >&2")).unwrap(), "out\n");
    }

    #[test]
    fn a_failure_shows_the_command_and_the_end_of_its_output() {
        let error = run("count", &mut shell("seq 100; echo broken >&2; exit 3")).unwrap_err().to_string();
        assert!(error.contains("exit status: 3") && error.contains("sh -c 'seq 100;"), "{error}");
        assert!(error.contains("broken") && error.contains("\n100") && !error.contains("\n12\n"), "{error}");
    }

    #[test]
    fn a_program_that_does_not_exist_is_named() {
        let error = run("find", &mut Command::new("plg-no-such-program")).err().unwrap();
        assert!(format!("{error:#}").contains("cannot start plg-no-such-program"));
    }

    #[test]
    fn observe_reports_a_failing_program_without_an_error() {
        let finished = observe("fail", &mut shell("echo out; exit 7")).unwrap();
        assert_eq!((finished.status.code(), finished.output.as_str()), (Some(7), "out\n"));
    }

    #[test]
    fn output_that_is_not_utf_8_is_kept_readable() {
        assert_eq!(run("bytes", &mut shell(r"printf 'a\377b'")).unwrap(), "a\u{fffd}b");
    }
}
