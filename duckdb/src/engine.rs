//! The configuration that compiled modules and their host share: wasmtime refuses code that was compiled under another.

use wasmtime::Config;

/// The configuration of the engine.
///
/// The extension lives in processes that are not ours, so it installs no signal handlers: every access is checked by the
/// code itself. It also reserves no address space ahead: instances are many (one per thread and family at least), and
/// few of them grow.
pub fn config() -> Config {
    let mut config = Config::new();
    config.signals_based_traps(false);
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
