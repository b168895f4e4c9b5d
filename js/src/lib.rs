//! The functions of the catalogue for browsers and Node.js: the npm package `plg-udfs`.
//!
//! `build/` writes the exported functions, their TypeScript declarations and their documentation from the catalogue, so a
//! new function needs nothing here. A function whose catalogue entry has a document (a model, a rule set) becomes a method
//! of a class that holds the compiled document: `score::Model` is `ScoreModel`. What is left for this crate is
//! JavaScript's values: [`argument`] reads them, [`document`] compiles documents, [`result`] makes them.
//!
//! The core is called directly, without the frames of `docs/abi.md`: here it lies in the same module as its host.
#![warn(missing_docs)]

mod argument;
mod document;
mod properties;
mod result;

mod api {
    use crate::argument::{self, Elements, FactRows, call, is_null};
    use crate::document::Compiled;
    use crate::result::{Context, Type};
    use plg_udfs::abi::Output;
    use wasm_bindgen::prelude::*;

    include!(concat!(env!("OUT_DIR"), "/api.rs"));
}

pub use api::*;
use wasm_bindgen::prelude::*;

/// The version of the functions, as `plg.version()` tells it in a warehouse.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
