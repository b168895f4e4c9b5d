//! How far probabilities are from what happened.

use super::Predictions;
use super::sum::Sum;
use crate::Result;
use crate::abi::Output;

/// The Brier score: the mean of `(probability - outcome)^2` (G. W. Brier, Monthly Weather Review 78, 1950, for one of two
/// outcomes), from 0 for certainty that was right to 1.
///
/// Writes the score (NULL where there are no rows), the same for always predicting the share of positives, rows, and the
/// predictions without score or outcome. A score that is no probability and an outcome other than 0 and 1 is an error.
pub fn brier(score: &[f64], outcome: &[f64], out: &mut Output) -> Result<()> {
    let predictions = Predictions::probabilities(score, outcome)?;
    let rows = predictions.known.len() as f64;
    let mut squares = Sum::default();
    for &(score, positive) in &predictions.known {
        let off = score - positive as u8 as f64;
        squares.add(off * off);
    }
    let rate = predictions.rate();
    // Without rows these are 0 / 0, which is NULL.
    out.slots(&[squares.total() / rows, rate * (1.0 - rate), rows, predictions.ignored as f64]);
    Ok(())
}
