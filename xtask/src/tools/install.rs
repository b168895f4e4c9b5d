//! Installing something into a folder of the cache exactly once, whoever asks and however often it was interrupted.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// Written last: a folder without it was interrupted and is filled anew.
const COMPLETE: &str = ".complete";

/// Calls `fill` unless `folder` is complete already; `fill` finds it empty and leaves it usable.
///
/// Two processes never fill the same folder at once: the second waits and finds the first one's work.
///
/// # Errors
/// If `fill` fails, or the folder or its lock file cannot be written. The next call starts again.
pub fn once(folder: &Path, fill: impl FnOnce() -> Result<()>) -> Result<()> {
    let marker = folder.join(COMPLETE);
    if marker.exists() {
        return Ok(());
    }
    let parent = folder.parent().expect("a folder of the cache has a parent");
    fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
    let name = folder.file_name().expect("a folder of the cache has a name").to_string_lossy();
    let lock_path = parent.join(format!(".{name}.lock"));
    let lock = File::create(&lock_path).with_context(|| format!("cannot create {}", lock_path.display()))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            eprintln!("another process is installing {name}; waiting for it");
            lock.lock().with_context(|| format!("cannot lock {}", lock_path.display()))?;
        }
        Err(TryLockError::Error(error)) => {
            return Err(error).with_context(|| format!("cannot lock {}", lock_path.display()));
        }
    }
    if marker.exists() {
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove the unfinished {}", folder.display()))?;
    }
    fs::create_dir(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    fill()?;
    fs::write(&marker, "").with_context(|| format!("cannot write {}", marker.display()))
}

/// A short name for what `parts` say, equal only for equal parts.
pub fn key(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use anyhow::bail;

    use super::*;

    /// A folder of its own for one test, removed when dropped.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(test: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("plg-udfs-{}-{test}", std::process::id()));
            fs::create_dir_all(&folder).unwrap();
            Self(folder)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[test]
    fn a_complete_folder_is_not_filled_again() {
        let scratch = Scratch::new("complete");
        let folder = scratch.0.join("tool-1.0");
        once(&folder, || Ok(fs::write(folder.join("program"), "1")?)).unwrap();
        once(&folder, || bail!("filled twice")).unwrap();
        assert_eq!(fs::read_to_string(folder.join("program")).unwrap(), "1");
    }

    #[test]
    fn an_interrupted_folder_is_emptied_and_filled_anew() {
        let scratch = Scratch::new("interrupted");
        let folder = scratch.0.join("tool-1.0");
        let interrupted = once(&folder, || {
            fs::write(folder.join("half"), "1")?;
            bail!("the network went away")
        });
        assert_eq!(interrupted.unwrap_err().to_string(), "the network went away");
        once(&folder, || Ok(fs::write(folder.join("whole"), "1")?)).unwrap();
        assert!(folder.join("whole").exists() && !folder.join("half").exists());
    }

    #[test]
    fn of_many_at_once_exactly_one_fills() {
        let scratch = Scratch::new("many");
        let folder = scratch.0.join("tool-1.0");
        let fills = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    once(&folder, || {
                        fills.fetch_add(1, Ordering::SeqCst);
                        thread::sleep(std::time::Duration::from_millis(20));
                        Ok(())
                    })
                    .unwrap();
                });
            }
        });
        assert_eq!(fills.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn keys_differ_when_the_parts_are_cut_elsewhere() {
        assert_ne!(key(&["ab", "c"]), key(&["a", "bc"]));
        assert_eq!(key(&["ab", "c"]), key(&["ab", "c"]));
    }
}
