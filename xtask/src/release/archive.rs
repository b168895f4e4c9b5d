//! Archives whose bytes depend on what is in them alone: neither on the time, nor on owners, nor on the order of a folder.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};

/// 1980-01-01, from which on every format of archives can tell time.
const MODIFIED: u64 = 315_532_800;

/// Files by their path below the one folder of the archive.
pub struct Archive {
    folder: String,
    files: BTreeMap<String, Vec<u8>>,
}

impl Archive {
    /// An empty archive, to be unpacked into `folder`.
    pub fn new(folder: &str) -> Self {
        Archive { folder: folder.to_owned(), files: BTreeMap::new() }
    }

    /// Adds a file under the path `name`.
    ///
    /// # Errors
    /// If it cannot be read, or the name is taken.
    pub fn add_file(&mut self, file: &Path, name: &str) -> Result<()> {
        let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        ensure!(self.files.insert(name.to_owned(), bytes).is_none(), "{name}: is in the archive twice");
        Ok(())
    }

    /// Adds the files of a folder and of those within it that have a wanted name, below `name`, or at the top if that is empty.
    ///
    /// # Errors
    /// If one cannot be read, or a name is taken.
    pub fn add_folder(&mut self, folder: &Path, name: &str, wanted: &dyn Fn(&str) -> bool) -> Result<()> {
        for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let path = entry?.path();
            let own = path.file_name().and_then(|own| own.to_str()).context("a file name that is not UTF-8")?;
            let below = if name.is_empty() { own.to_owned() } else { format!("{name}/{own}") };
            if path.is_dir() {
                self.add_folder(&path, &below, wanted)?;
            } else if wanted(own) {
                self.add_file(&path, &below)?;
            }
        }
        Ok(())
    }

    /// Writes it as tar, compressed by gzip.
    ///
    /// # Errors
    /// If it is empty or cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        ensure!(!self.files.is_empty(), "{}: would be empty", path.display());
        let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
        let gzip = GzBuilder::new().mtime(0).operating_system(255).write(file, Compression::best());
        let mut tar = Builder::new(gzip);
        for (name, bytes) in &self.files {
            let mut header = Header::new_ustar();
            header.set_entry_type(EntryType::Regular);
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            header.set_mtime(MODIFIED);
            header.set_uid(0);
            header.set_gid(0);
            let name = format!("{}/{name}", self.folder);
            tar.append_data(&mut header, &name, bytes.as_slice())
                .with_context(|| format!("{}: {name}", path.display()))?;
        }
        tar.into_inner()?.finish()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_holds_what_it_was_given_and_its_bytes_know_no_time_and_no_order() {
        let folder = std::env::temp_dir().join(format!("plg-archive-{}", std::process::id()));
        let mut archives = Vec::new();
        for names in [["b.sql", "inner/a.sql", "c.txt"], ["c.txt", "inner/a.sql", "b.sql"]] {
            let source = folder.join(names[0]);
            fs::create_dir_all(source.join("inner")).unwrap();
            for name in names {
                fs::write(source.join(name), name).unwrap();
            }
            let mut archive = Archive::new("top");
            archive.add_folder(&source, "", &|name| name.ends_with(".sql")).unwrap();
            let path = folder.join("archive.tar.gz");
            archive.write(&path).unwrap();
            archives.push(fs::read(&path).unwrap());
        }
        assert_eq!(archives[0], archives[1]);
        let mut unpacked = tar::Archive::new(flate2::read::GzDecoder::new(archives[0].as_slice()));
        let names = unpacked.entries().unwrap().map(|entry| entry.unwrap().path().unwrap().display().to_string());
        assert_eq!(names.collect::<Vec<_>>(), ["top/b.sql", "top/inner/a.sql"]);
        fs::remove_dir_all(&folder).unwrap();
    }
}
