//! Fetches the lists that `tools.toml` pins, once, and writes them as sets.
//!
//! pip checks each wheel's hash, so everybody builds the same bytes; the list is then kept in the cache and nothing is
//! fetched any more. The pipeline cannot do this, as it is built over the modules itself. A published crate brings the
//! sets along (`published/`): where it is built there may be no network.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{collections::BTreeSet, env};

use anyhow::{Context, Result, ensure};

#[path = "src/set.rs"]
mod set;

fn main() -> Result<()> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("lists/ lies in the repository")?;
    let tools = manifest.join("tools.toml");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let published = Path::new(env!("CARGO_MANIFEST_DIR")).join("published");
    if !tools.is_file() {
        println!("cargo::rerun-if-changed={}", published.display());
        return copy(&published, &out);
    }
    println!("cargo::rerun-if-changed={}", tools.display());
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/set.rs");
    println!("cargo::rerun-if-env-changed=PLG_CACHE");
    let tools: toml::Table = fs::read_to_string(&tools).context("cannot read tools.toml")?.parse()?;
    let mut source = String::new();
    for (name, list) in tools["lists"].as_table().context("[lists] of tools.toml is no table")? {
        let list = List::read(list).with_context(|| format!("lists.{name} of tools.toml"))?;
        let text = list.text(&out).with_context(|| format!("the list {name}"))?;
        source.push_str(&list.encode(name, &text, &out)?);
        fs::write(out.join(format!("{name}.txt")), text)?;
    }
    fs::write(out.join("lists.rs"), source)?;
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

/// A list of `tools.toml`.
struct List {
    package: String,
    version: String,
    licence: String,
    /// Of the wheel.
    sha256: String,
    /// A Python expression over the imported package, as `package`.
    domains: String,
    bits: u32,
}

impl List {
    fn read(value: &toml::Value) -> Result<Self> {
        let text = |name: &str| -> Result<String> {
            let text = value.get(name).and_then(toml::Value::as_str);
            Ok(text.with_context(|| format!("{name} must be a text"))?.to_owned())
        };
        let bits = value.get("bits").and_then(toml::Value::as_integer).context("bits must be a number")?;
        ensure!((1..=31).contains(&bits), "bits must be 1 to 31");
        Ok(List {
            package: text("package")?,
            version: text("version")?,
            licence: text("licence")?,
            sha256: text("sha256")?,
            domains: text("domains")?,
            bits: bits as u32,
        })
    }

    /// The domains, one a line, in ascending order: from the cache, or else from the package.
    fn text(&self, out: &Path) -> Result<String> {
        let digits = self.sha256.get(..12).context("sha256 is too short")?;
        let kept = cache()?.join("lists").join(format!("{}-{}-{digits}.txt", self.package, self.version));
        if let Ok(text) = fs::read_to_string(&kept) {
            return Ok(text);
        }
        let text = self.fetch(out)?;
        fs::create_dir_all(kept.parent().context("it lies in the cache")?)?;
        // Several builds may do this at once, and none must read what is half written.
        let writing = kept.with_extension(format!("{}.writing", std::process::id()));
        fs::write(&writing, &text)?;
        fs::rename(&writing, &kept)?;
        Ok(text)
    }

    fn fetch(&self, out: &Path) -> Result<String> {
        let environment = out.join("python");
        run(Command::new("python3").args(["-m", "venv"]).arg(&environment))
            .context("it takes Python with venv: apt-get install --no-install-recommends python3 python3-venv")?;
        let python = environment.join("bin/python");
        let requirements = out.join("requirements.txt");
        let (package, version) = (&self.package, &self.version);
        fs::write(&requirements, format!("{package}=={version} --hash=sha256:{}\n", self.sha256))?;
        let install = ["-m", "pip", "install", "--disable-pip-version-check", "--only-binary", ":all:", "--no-deps"];
        run(Command::new(&python).args(install).args(["--require-hashes", "--requirement"]).arg(&requirements))?;
        let module = package.replace('-', "_");
        let print = format!("import {module} as package; print(*sorted({}), sep='\\n')", self.domains);
        let printed = run(Command::new(&python).arg("-c").arg(print))?;
        // Whatever the list holds that is no domain in lower case could never be found.
        let domains: BTreeSet<&str> = printed.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        ensure!(domains.len() > 1_000, "it has only {} domains", domains.len());
        for domain in &domains {
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
            ensure!(domain.contains('.') && domain.bytes().all(plain), "{domain} is no domain in lower case");
        }
        fs::remove_dir_all(&environment)?;
        Ok(domains.iter().map(|domain| format!("{domain}\n")).collect())
    }

    /// Writes the set's two parts and returns its declaration.
    fn encode(&self, name: &str, text: &str, out: &Path) -> Result<String> {
        let count = text.lines().count() as u32;
        let mut buckets = vec![BTreeSet::new(); count as usize];
        for domain in text.lines() {
            let (bucket, bits) = set::fingerprint(domain.as_bytes(), count, self.bits);
            ensure!(buckets[bucket as usize].insert(bits), "two domains have the same fingerprint: take more bits");
        }
        let (mut upper, mut lower) = (Bits::default(), Bits::default());
        for bucket in buckets {
            for bits in bucket {
                upper.push(true);
                (0..self.bits).for_each(|number| lower.push(bits >> number & 1 == 1));
            }
            upper.push(false);
        }
        upper.bytes.resize(upper.bytes.len().next_multiple_of(8), 0);
        fs::write(out.join(format!("{name}.upper")), upper.bytes)?;
        fs::write(out.join(format!("{name}.lower")), lower.bytes)?;
        Ok(format!(
            "/// {count} domains of the package {} {} ({}, SHA-256 of the wheel {}).\n\
             pub static {}: Set = Set {{\n    count: {count},\n    bits: {},\n    \
             upper: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}.upper\")),\n    \
             lower: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}.lower\")),\n}};\n",
            self.package,
            self.version,
            self.licence,
            self.sha256,
            name.to_uppercase(),
            self.bits
        ))
    }
}

/// Bits, lowest of a byte first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    length: usize,
}

impl Bits {
    fn push(&mut self, bit: bool) {
        if self.length.is_multiple_of(8) {
            self.bytes.push(0);
        }
        self.bytes[self.length / 8] |= (bit as u8) << (self.length % 8);
        self.length += 1;
    }
}

/// Where the pipeline keeps its tools, too.
fn cache() -> Result<PathBuf> {
    match env::var_os("PLG_CACHE").filter(|folder| !folder.is_empty()) {
        Some(folder) => std::path::absolute(folder).context("PLG_CACHE is not a usable path"),
        None => {
            Ok(env::home_dir().context("there is no home folder; set PLG_CACHE to a folder")?.join(".cache/plg-udfs"))
        }
    }
}

fn run(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    ensure!(output.status.success(), "{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}
