//! What is to be learned, and how.

use super::Names;
use crate::Result;
use crate::abi::{Document, Output};
use crate::tape::{self, Object, Place, Value};

/// More steps than any fit needs that comes to an end.
const MAX_ITERATIONS: f64 = 1_000.0;

/// A compiled training document; `docs/semantics.md` ("Likelihood") describes the JSON.
#[derive(Default)]
pub struct Training {
    pub(super) names: Names,
    pub(super) l2: f64,
    pub(super) max_iterations: u32,
}

impl Document for Training {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        tape::fill(argument, source, Self::read)
    }

    /// One dictionary: name, version, `intercept`, and the features. The facts are the features.
    fn describe(&self, out: &mut Output) {
        self.names.describe(out);
    }

    fn fact_fields(&self) -> usize {
        self.names.features
    }
}

impl Training {
    #[inline(never)]
    fn read(&mut self, root: Value<'_>, place: Place<'_>) -> Result<()> {
        let document = Object::new(root, place, &["name", "version", "features", "l2", "max_iterations"])?;
        self.names.read(&document)?;
        document.each("features", |value, place| {
            let name = value.text().ok_or_else(|| place.error("must be a text"))?;
            self.names.add(name, &place)
        })?;
        self.l2 = document.number("l2")?.unwrap_or(1.0);
        if !(0.0..=1e100).contains(&self.l2) {
            return Err(document.error("l2", "must be between 0 and 1e100"));
        }
        let iterations = document.number("max_iterations")?.unwrap_or(100.0);
        self.max_iterations = iterations as u32;
        if !(1.0..=MAX_ITERATIONS).contains(&iterations) || self.max_iterations as f64 != iterations {
            return Err(document.error("max_iterations", "must be a whole number from 1 to 1,000"));
        }
        Ok(())
    }
}
