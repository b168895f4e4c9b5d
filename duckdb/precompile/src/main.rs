//! `plg-precompile <target> <module.wasm> <module.cwasm> [<feature>...]`: machine code for the baseline of a target's
//! processors, and for the features that are named as Cranelift does.
//!
//! A program of its own, because a compiler inside the extension would make it ten times as large and slow to load.

use anyhow::{Context, Result, bail, ensure};

#[path = "../../src/engine.rs"]
mod engine;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [target, source, destination, features @ ..] = arguments.as_slice() else {
        bail!("usage: plg-precompile <target> <module.wasm> <module.cwasm> [<feature>...]");
    };
    let mut config = engine::config();
    // The modules are our own, so there is no code in them that could be made to read beyond its bounds speculatively.
    // SAFETY: the flag changes which instructions check an access, not whether it is checked.
    unsafe { config.cranelift_flag_set("enable_heap_access_spectre_mitigation", "false") };
    // Naming the target switches off what this very processor has beyond the baseline.
    config.target(target).map_err(anyhow::Error::msg)?;
    for feature in features {
        // SAFETY: nothing runs here, and wasmtime asks the processor before it runs the code.
        unsafe { config.cranelift_flag_enable(feature) };
    }
    let engine = wasmtime::Engine::new(&config).map_err(anyhow::Error::msg)?;
    let module = std::fs::read(source).with_context(|| source.clone())?;
    ensure!(module.starts_with(b"\0asm"), "{source}: is not a WebAssembly module");
    let code = engine.precompile_module(&module).map_err(anyhow::Error::msg).with_context(|| source.clone())?;
    std::fs::write(destination, code).with_context(|| destination.clone())
}
