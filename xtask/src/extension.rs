//! The DuckDB extension: the modules of `dist/wasm` compiled to machine code, hosted by the crate `duckdb/`, stamped with
//! what DuckDB wants to know before it loads a file.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{modules, paths, process};

/// The version of DuckDB's C API that the extension is built against, as in `duckdb/src/lib.rs`.
const API_VERSION: &str = "v1.2.0";

/// Code for AVX, which every server processor since 2011 has, copies less between registers: a twelfth of the time of the hot
/// loops. The same operations give the same bits.
const AVX: &[&str] = &["has_sse3", "has_ssse3", "has_sse41", "has_sse42", "has_avx"];

/// Builds `dist/duckdb/plg.duckdb_extension` around the modules in `dist/wasm`, for the machine that this runs on. What has
/// not changed since the last time is not built again.
///
/// # Errors
/// If there are no modules, something does not compile, or DuckDB has no name for this machine.
pub fn build() -> Result<()> {
    build_with(&plg_catalogue::load(paths::root())?.families())
}

/// Builds it around the modules of these families alone.
///
/// # Errors
/// As for [`build`].
pub fn build_with(families: &[&str]) -> Result<()> {
    let target = modules::target_folder()?.join("extension");
    let host = host()?;
    let platform = platform(&host)?;
    // Two runs of cargo: in one, the extension's wasmtime would get the compiler that only the other needs.
    process::run("compiling the module compiler (wasmtime)", &mut cargo("plg-precompile", "precompile", &target)?)?;
    let wasm = paths::dist().join("wasm");
    let machine_code = target.join("modules");
    fs::create_dir_all(&machine_code).with_context(|| format!("cannot create {}", machine_code.display()))?;
    let compiler = target.join("precompile").join(format!("plg-precompile{}", std::env::consts::EXE_SUFFIX));
    for family in families {
        let module = wasm.join(family).with_extension("wasm");
        precompile(&compiler, &host, &module, &machine_code.join(family).with_extension("cwasm"), &[])?;
        if host.starts_with("x86_64-") {
            precompile(&compiler, &host, &module, &machine_code.join(family).with_extension("avx.cwasm"), AVX)?;
        }
    }
    let mut extension = cargo("plg-duckdb", "extension", &target)?;
    extension.env("PLG_WASM", &wasm).env("PLG_MACHINE_CODE", &machine_code).env("PLG_FAMILIES", families.join(","));
    process::run("compiling the DuckDB extension", &mut extension)?;
    let library = target.join("extension").join(library_name());
    let mut bytes = fs::read(&library).with_context(|| format!("cannot read {}", library.display()))?;
    bytes.extend(footer(platform));
    let folder = paths::dist().join("duckdb");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    // DuckDB derives the entry point's name from that of the file.
    let path = folder.join("plg.duckdb_extension");
    // Renamed into place: a DuckDB that has the old file loaded keeps it, and would crash if its bytes changed.
    let fresh = path.with_extension("new");
    fs::write(&fresh, bytes).with_context(|| format!("cannot write {}", fresh.display()))?;
    fs::rename(&fresh, &path).with_context(|| format!("cannot write {}", path.display()))
}

fn cargo(package: &str, profile: &str, target: &Path) -> Result<Command> {
    let mut command = Command::new("cargo");
    command.args(["build", "--profile", profile, "--package", package, "--target-dir"]).arg(target);
    // The encoded form alone survives folders with spaces.
    command.env("CARGO_ENCODED_RUSTFLAGS", modules::path_independent(target)?.join("\x1f")).env_remove("RUSTFLAGS");
    command.current_dir(paths::root());
    Ok(command)
}

/// Writes a module's machine code, unless it is there: cargo builds anew what looks newer.
fn precompile(compiler: &Path, host: &str, module: &Path, code: &Path, features: &[&str]) -> Result<()> {
    let fresh = code.with_extension("new");
    process::capture(Command::new(compiler).arg(host).arg(module).arg(&fresh).args(features))?;
    if fs::read(code).is_ok_and(|code| fs::read(&fresh).is_ok_and(|fresh| fresh == code)) {
        fs::remove_file(&fresh)
    } else {
        fs::rename(&fresh, code)
    }
    .with_context(|| format!("cannot write {}", code.display()))
}

/// What DuckDB calls this machine, as files for it are named.
///
/// # Errors
/// If it has no name for it.
pub fn platform_here() -> Result<&'static str> {
    platform(&host()?)
}

/// The target triple of this machine.
fn host() -> Result<String> {
    let version = process::capture(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc -vV names no host")
}

/// What DuckDB calls a target.
fn platform(target: &str) -> Result<&'static str> {
    Ok(match target {
        "x86_64-unknown-linux-gnu" => "linux_amd64",
        "aarch64-unknown-linux-gnu" => "linux_arm64",
        "x86_64-unknown-linux-musl" => "linux_amd64_musl",
        "aarch64-unknown-linux-musl" => "linux_arm64_musl",
        "x86_64-apple-darwin" => "osx_amd64",
        "aarch64-apple-darwin" => "osx_arm64",
        "x86_64-pc-windows-msvc" => "windows_amd64",
        _ => bail!("DuckDB loads no extensions on {target}"),
    })
}

fn library_name() -> String {
    format!("{}plg{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX)
}

/// What DuckDB reads from the end of an extension: 534 bytes in the form of a WebAssembly custom section named
/// `duckdb_signature`, with eight fields of 32 bytes in reverse order and 256 bytes of signature, which stay empty.
fn footer(platform: &str) -> Vec<u8> {
    let version = format!("v{}", env!("CARGO_PKG_VERSION"));
    // Custom section 0 of 531 bytes, a name of 16 bytes; then 512 bytes follow.
    let mut footer = vec![0, 0x93, 0x04, 16];
    footer.extend(b"duckdb_signature");
    footer.extend([0x80, 0x04]);
    for field in ["", "", "", "C_STRUCT", &version, API_VERSION, platform, "4"] {
        let mut padded = [0; 32];
        padded[..field.len()].copy_from_slice(field.as_bytes());
        footer.extend(padded);
    }
    footer.extend([0; 256]);
    footer
}

#[cfg(test)]
mod tests {
    use super::{footer, platform};

    #[test]
    fn the_footer_has_the_length_and_the_last_field_that_duckdb_looks_for() {
        let footer = footer("linux_amd64");
        assert_eq!(footer.len(), 534);
        assert_eq!(footer[footer.len() - 256 - 32..][..2], *b"4\0");
    }

    #[test]
    fn the_five_platforms_of_a_release_have_duckdbs_names() {
        for (target, name) in [
            ("x86_64-unknown-linux-gnu", "linux_amd64"),
            ("aarch64-unknown-linux-gnu", "linux_arm64"),
            ("x86_64-apple-darwin", "osx_amd64"),
            ("aarch64-apple-darwin", "osx_arm64"),
            ("x86_64-pc-windows-msvc", "windows_amd64"),
        ] {
            assert_eq!(platform(target).unwrap(), name);
            // The last field but one, where DuckDB looks whether the file is for it.
            let footer = footer(name);
            let field = &footer[footer.len() - 256 - 64..][..32];
            assert_eq!(String::from_utf8_lossy(field).trim_end_matches('\0'), name);
        }
    }

    #[test]
    fn a_target_that_duckdb_has_no_name_for_is_refused() {
        assert!(platform("riscv64gc-unknown-linux-gnu").is_err());
    }
}
