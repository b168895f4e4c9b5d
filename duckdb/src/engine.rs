//! The configuration that compiled modules and their host share: wasmtime refuses code that was compiled under another.

use wasmtime::Config;

/// The configuration of the engine.
///
/// Traps are signals: wasmtime installs handlers that hand on whatever does not come from its own code. Without them
/// (`signals_based_traps(false)`) every check calls out of the loop that it stands in, and decaying 50 million rows takes
/// 1.40 times as long as DuckDB's own expression instead of 1.28 times.
///
/// Bounds of the memory are checked by the processor: an instance reserves the 4 GiB that an address can reach, of which
/// only what the module has grown to is memory. Address space costs nothing, neither where memory is scarce nor where
/// overcommitting it is forbidden, and scoring a workspace takes a sixth less time than with checks in the code.
pub fn config() -> Config {
    let mut config = Config::new();
    // No code reads at a negative distance from an address.
    config.guard_before_linear_memory(false);
    // An image mapped copy-on-write would cost file descriptors and mappings to save copying a few kilobytes.
    config.memory_init_cow(false);
    // A trap is a defect of ours that the user can do nothing about: no addresses, no unwind tables.
    config.generate_address_map(false);
    config.native_unwind_info(false);
    config
}
