//! Whether scores are worth anything: predictions held against outcomes, and two distributions against each other.
//!
//! A prediction is a score and an outcome, 0 or 1. One whose score or outcome is NULL is left out and counted.

mod auc;
mod brier;
mod calibration;
mod lift;
mod psi;
mod sum;
mod thresholds;

#[cfg(test)]
mod tests;

pub use auc::auc;
pub use brier::brier;
pub use calibration::calibration;
pub use lift::lift;
pub use psi::psi;
pub use thresholds::suggested_thresholds;

use crate::error::path;
use crate::sort::sort_by;
use crate::{Error, Result};
use alloc::vec::Vec;

const NOT_FINITE: &str = "must be a finite number";
const MAX_BINS: f64 = 1_000.0;

/// The predictions whose score and outcome are known, by score and then outcome.
struct Predictions {
    /// Score, and whether the outcome is 1.
    known: Vec<(f64, bool)>,
    positives: usize,
    ignored: usize,
}

/// Predictions of one score.
#[derive(Clone, Copy)]
struct Tie {
    score: f64,
    rows: usize,
    positives: usize,
}

impl Predictions {
    /// Reads the columns of `predictions`; NaN is NULL. A score beyond `least..=greatest`, about which `message` complains,
    /// and an outcome other than 0 and 1 is an error.
    fn read(scores: &[f64], outcomes: &[f64], [least, greatest]: [f64; 2], message: &'static str) -> Result<Self> {
        let mut known = Vec::with_capacity(scores.len());
        let at = |index: usize, field: &str| path("predictions").index(index).field(field);
        for (index, (&score, &outcome)) in scores.iter().zip(outcomes).enumerate() {
            if score < least || score > greatest {
                return Err(Error::new(at(index, "score"), message));
            }
            if outcome != 0.0 && outcome != 1.0 && !outcome.is_nan() {
                return Err(Error::new(at(index, "outcome"), "must be 0, 1 or NULL"));
            }
            if !score.is_nan() && !outcome.is_nan() {
                // Adding 0 makes 0 of -0.
                known.push((score + 0.0, outcome == 1.0));
            }
        }
        sort_by(&mut known, |one, other| one.0 < other.0 || (one.0 == other.0 && !one.1 & other.1));
        let positives = known.iter().filter(|(_, positive)| *positive).count();
        Ok(Predictions { positives, ignored: scores.len() - known.len(), known })
    }

    /// Predictions with any score that is a number.
    fn scores(scores: &[f64], outcomes: &[f64]) -> Result<Self> {
        Self::read(scores, outcomes, [f64::MIN, f64::MAX], NOT_FINITE)
    }

    /// Predictions whose scores are probabilities.
    fn probabilities(scores: &[f64], outcomes: &[f64]) -> Result<Self> {
        Self::read(scores, outcomes, [0.0, 1.0], "must be a probability, between 0 and 1")
    }

    /// The scores with their predictions, the lowest first.
    fn ties(&self) -> impl DoubleEndedIterator<Item = Tie> {
        self.known.chunk_by(|one, other| one.0 == other.0).map(|tie| Tie {
            score: tie.first().map_or(0.0, |first| first.0),
            rows: tie.len(),
            positives: tie.iter().filter(|(_, positive)| *positive).count(),
        })
    }

    /// The share of positives; NaN where there are no rows.
    fn rate(&self) -> f64 {
        self.positives as f64 / self.known.len() as f64
    }
}

/// A number of bins, which must be whole.
fn bins_of(bins: f64) -> Result<usize> {
    if !(1.0..=MAX_BINS).contains(&bins) || bins as u32 as f64 != bins {
        return Err(Error::new("bins", "must be a whole number from 1 to 1,000"));
    }
    Ok(bins as usize)
}
