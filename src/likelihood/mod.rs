//! The likelihood of an outcome: a logistic model that says how much each feature contributes, and its training.
//!
//! [`likelihood`] applies the coefficients of a document, which may come from anywhere; [`likelihood_fit`] finds some from
//! observations, and its result is such a document.

mod coefficients;
mod fit;
mod standard;
mod training;

#[cfg(test)]
mod tests;

pub use coefficients::{Coefficients, likelihood};
pub use fit::likelihood_fit;
pub use training::Training;

use crate::abi::{FactKind, Output};
use crate::strings::Strings;
use crate::tape::{Object, Place};
use crate::{Error, Result};

/// How many features a model may have.
const MAX_FEATURES: usize = 100;
const TOO_MANY: &str = "is one feature too many: a model has at most 100";
/// What the intercept is called among the contributions.
const INTERCEPT: &[u8] = b"intercept";

/// The texts of a document: name, version, [`INTERCEPT`], and the names of the features, which are the facts that are read.
#[derive(Default)]
struct Names {
    strings: Strings,
    features: usize,
}

impl Names {
    const NAME: f64 = 0.0;
    const VERSION: f64 = 1.0;
    const INTERCEPT: u32 = 2;

    /// Reads name and version.
    fn read(&mut self, document: &Object<'_, '_>) -> Result<()> {
        self.strings.add(document.required_text("name")?);
        self.strings.add(document.required_text("version")?);
        self.strings.add(INTERCEPT);
        Ok(())
    }

    /// Takes in a feature whose name stands at `place`.
    fn add(&mut self, name: &[u8], place: &Place<'_>) -> Result<()> {
        if (Self::INTERCEPT..=Self::INTERCEPT + self.features as u32).any(|other| self.strings.get(other) == name) {
            return Err(place.error("is listed twice, or is 'intercept'"));
        }
        if self.features == MAX_FEATURES {
            return Err(place.error(TOO_MANY));
        }
        self.strings.add(name);
        self.features += 1;
        Ok(())
    }

    /// The text of a feature, by the number of its fact.
    fn feature(&self, index: usize) -> u32 {
        Self::INTERCEPT + 1 + index as u32
    }

    /// One dictionary, and the features as facts: numbers that may be missing.
    fn describe(&self, out: &mut Output) {
        out.list(1);
        self.strings.describe(out);
        out.list(self.features);
        for feature in 0..self.features {
            out.text(self.strings.get(self.feature(feature)));
            out.double((FactKind::Number as u8 + FactKind::OPTIONAL) as f64);
            out.list(0);
        }
    }

    /// An error at a feature of the facts at `path`.
    #[cold]
    #[inline(never)]
    fn error(&self, path: crate::error::Path, feature: usize, message: &'static str) -> Error {
        Error::new(path.field(crate::utf8::text(self.strings.get(self.feature(feature))).unwrap_or("?")), message)
    }
}
