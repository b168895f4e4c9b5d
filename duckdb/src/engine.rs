//! The configuration that compiled modules and their host share: wasmtime refuses code that was compiled under another.

use wasmtime::Config;

/// The configuration of the engine.
///
/// Traps are signals: wasmtime installs handlers that hand on whatever does not come from its own code. Without them
/// (`signals_based_traps(false)`) every check calls out of the loop that it stands in, and decaying 50 million rows takes
/// 1.40 times as long as DuckDB's own expression instead of 1.28 times. Bounds are checked by the code itself all the same:
/// guard pages that would spare it (4 GiB of address space for each instance) won nothing more, and instances are many, at
/// least one per thread and family.
pub fn config() -> Config {
    let mut config = Config::new();
    config.memory_reservation(0);
    config.memory_guard_size(0);
    config.memory_reservation_for_growth(0);
    config.guard_before_linear_memory(false);
    // An image mapped copy-on-write would cost file descriptors and mappings to save copying a few kilobytes.
    config.memory_init_cow(false);
    // A trap is a defect of ours that the user can do nothing about: no addresses, no unwind tables.
    config.generate_address_map(false);
    config.native_unwind_info(false);
    config
}
