//! Whether what is predicted with 30 % happens in 30 % of the cases.

use super::sum::Sum;
use super::{Predictions, bins_of};
use crate::Result;
use crate::abi::Output;
use alloc::vec::Vec;

#[derive(Clone, Copy, Default)]
struct Bin {
    predicted: Sum,
    rows: usize,
    positives: usize,
}

/// Predicted probabilities and observed shares in bins of equal width over 0 to 1.
///
/// A bin is `(lower, upper]`, the first one has 0, too: those of scikit-learn's `calibration_curve`. Writes the bins, empty
/// ones included (bounds, rows, mean probability and share of positives, NULL without rows), the expected calibration error
/// (Guo et al., ICML 2017: the mean distance of the two, weighted by rows; NULL without rows), rows, and the predictions
/// without score or outcome. A score that is no probability, an outcome other than 0 and 1, and a number of bins that is not
/// whole or beyond 1 to 1,000 is an error.
pub fn calibration(score: &[f64], outcome: &[f64], bins: f64, out: &mut Output) -> Result<()> {
    let count = bins_of(bins)?;
    let predictions = Predictions::probabilities(score, outcome)?;
    let mut table: Vec<Bin> = (0..count).map(|_| Bin::default()).collect();
    for &(score, positive) in &predictions.known {
        if let Some(bin) = table.get_mut(bin_of(score, bins)) {
            bin.predicted.add(score);
            bin.rows += 1;
            bin.positives += positive as usize;
        }
    }
    out.list(count);
    let mut distance = Sum::default();
    for (index, bin) in table.iter().enumerate() {
        let (rows, predicted, positives) = (bin.rows as f64, bin.predicted.total(), bin.positives as f64);
        distance.add((positives - predicted).abs());
        // Without rows these are 0 / 0, which is NULL.
        out.slots(&[index as f64 / bins, (index + 1) as f64 / bins, rows, predicted / rows, positives / rows]);
    }
    let rows = predictions.known.len() as f64;
    out.slots(&[distance.total() / rows, rows, predictions.ignored as f64]);
    Ok(())
}

/// The bin of a probability.
fn bin_of(score: f64, bins: f64) -> usize {
    // Within one of the right one; the bounds decide as they are written.
    let mut bin = (score * bins) as usize;
    while bin > 0 && score <= bin as f64 / bins {
        bin -= 1;
    }
    while score > (bin + 1) as f64 / bins {
        bin += 1;
    }
    bin
}
