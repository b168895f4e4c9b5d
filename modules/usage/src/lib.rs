//! The `usage` family as a WebAssembly module for warehouses; see `plg_udfs::usage` for the logic.
#![cfg_attr(target_arch = "wasm32", no_std)]

include!(concat!(env!("OUT_DIR"), "/exports.rs"));
