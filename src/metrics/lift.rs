//! How much better than chance the best scores are.

use super::Predictions;
use super::sum::Sum;
use crate::Result;
use crate::abi::Output;

const DECILES: usize = 10;

#[derive(Clone, Copy, Default)]
struct Decile {
    positives: Sum,
    /// Greatest and least score.
    scores: Option<[f64; 2]>,
}

/// Conversion by decile of the score, the highest scores first.
///
/// Every decile has a tenth of the rows, a fraction of a row included. Rows of one score on both sides of a limit are shared
/// out in proportion, which is what splitting them at random gives on average: no order can matter. Writes the deciles (number
/// from 1, rows, positives, share of positives, lift, which is that share over the share among all rows, share of all positives
/// in this decile and those above, least and greatest score), rows, positives, the share of positives, and the predictions
/// without score or outcome. Without rows there are no deciles, and shares are NULL, as lifts are without positives. A score
/// that is infinite and an outcome other than 0 and 1 is an error.
pub fn lift(score: &[f64], outcome: &[f64], out: &mut Output) -> Result<()> {
    let predictions = Predictions::scores(score, outcome)?;
    let rows = predictions.known.len();
    let mut deciles = [Decile::default(); DECILES];
    // In tenths of rows a decile is as many as there are rows, and every limit is whole.
    let mut start = 0;
    for tie in predictions.ties().rev() {
        let end = start + tie.rows * DECILES;
        for (number, decile) in deciles.iter_mut().enumerate().skip(start / rows) {
            let inside = end.min((number + 1) * rows).saturating_sub(start.max(number * rows));
            if inside == 0 {
                break;
            }
            decile.positives.add(tie.positives as f64 * inside as f64 / (tie.rows * DECILES) as f64);
            decile.scores = Some([decile.scores.map_or(tie.score, |[greatest, _]| greatest), tie.score]);
        }
        start = end;
    }
    let (rate, positives) = (predictions.rate(), predictions.positives as f64);
    let size = rows as f64 / DECILES as f64;
    let mut so_far = Sum::default();
    out.list(if rows > 0 { DECILES } else { 0 });
    for (number, decile) in deciles.iter().enumerate() {
        let Some([greatest, least]) = decile.scores else { break };
        let converted = decile.positives.total();
        so_far.add(converted);
        // Without positives lift and share are 0 / 0, which is NULL.
        let shares = [converted / size, converted / size / rate, so_far.total() / positives];
        out.slots(&[(number + 1) as f64, size, converted]);
        out.slots(&shares);
        out.slots(&[least, greatest]);
    }
    out.slots(&[rows as f64, positives, rate, predictions.ignored as f64]);
    Ok(())
}
