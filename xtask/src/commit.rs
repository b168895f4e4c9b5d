//! Which commit a build is of, for the header of the install scripts.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::{paths, process};

/// The variable that says it where there is no repository: a copy of the files, an archive.
const VARIABLE: &str = "PLG_COMMIT";

/// The commit that is checked out, with ` and changes` where files that git follows differ from it; `unknown` without a
/// repository of one's own. `$PLG_COMMIT` comes before all that.
///
/// # Errors
/// If `$PLG_COMMIT` holds what could end a comment or a line.
pub fn source() -> Result<String> {
    match std::env::var(VARIABLE) {
        Ok(given) if !given.is_empty() => {
            ensure!(is_plain(&given), "{VARIABLE} may hold letters, digits and spaces only");
            Ok(given)
        }
        _ => Ok(of_repository(paths::root()).unwrap_or_else(|| "unknown".to_owned())),
    }
}

fn is_plain(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ')
}

fn of_repository(root: &Path) -> Option<String> {
    let git = |arguments: &[&str]| process::capture(Command::new("git").args(arguments).current_dir(root)).ok();
    // A copy may lie within somebody else's repository, whose commits say nothing of it.
    let top = git(&["rev-parse", "--show-toplevel"])?;
    if Path::new(&top).canonicalize().ok()? != root.canonicalize().ok()? {
        return None;
    }
    let commit = git(&["rev-parse", "--verify", "HEAD"])?;
    let changes = git(&["status", "--porcelain", "--untracked-files=no"])?;
    Some(if changes.is_empty() { commit } else { format!("{commit} and changes") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn git(folder: &Path, arguments: &[&str]) {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
        process::capture(Command::new("git").args(identity).args(arguments).current_dir(folder)).unwrap();
    }

    #[test]
    fn a_repository_tells_its_commit_and_whether_it_was_changed() {
        let folder = std::env::temp_dir().join(format!("plg-commit-{}", std::process::id()));
        fs::create_dir_all(folder.join("inner")).unwrap();
        fs::write(folder.join("file"), "one").unwrap();
        git(&folder, &["init", "--quiet"]);
        assert_eq!(of_repository(&folder), None);
        git(&folder, &["add", "file"]);
        git(&folder, &["commit", "--quiet", "--message", "first"]);
        let commit = of_repository(&folder).unwrap();
        assert!(commit.len() == 40 && is_plain(&commit), "{commit}");
        fs::write(folder.join("not followed"), "").unwrap();
        assert_eq!(of_repository(&folder), Some(commit.clone()));
        fs::write(folder.join("file"), "two").unwrap();
        assert_eq!(of_repository(&folder), Some(format!("{commit} and changes")));
        assert_eq!(of_repository(&folder.join("inner")), None);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn what_could_end_a_comment_is_no_commit() {
        assert!(is_plain("0123456789abcdef and changes"));
        assert!(!is_plain("abc\nDROP SCHEMA plg;") && !is_plain("abc */"));
    }
}
