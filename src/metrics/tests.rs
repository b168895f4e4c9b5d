//! Claims about metrics, against slow second implementations written from `docs/semantics.md`.

use super::{auc, brier, calibration, lift, psi, suggested_thresholds};
use crate::Result;
use crate::abi::Output;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use proptest::prelude::*;

/// Scores of few different values, so that there are ties; NULLs among them.
fn predictions() -> impl Strategy<Value = Vec<(f64, f64)>> {
    let score = prop_oneof![9 => (0u32..=16).prop_map(|score| f64::from(score) / 16.0), 1 => Just(f64::NAN)];
    let outcome = prop_oneof![5 => Just(0.0), 4 => Just(1.0), 1 => Just(f64::NAN)];
    prop::collection::vec((score, outcome), 0..60)
}

type Metric = fn(&[f64], &[f64], &mut Output) -> Result<()>;

/// The stream, NULL as NaN.
fn stream(metric: Metric, predictions: &[(f64, f64)]) -> Vec<f64> {
    let (scores, outcomes): (Vec<f64>, Vec<f64>) = predictions.iter().copied().unzip();
    let mut out = Output::default();
    metric(&scores, &outcomes, &mut out).unwrap();
    out.stream
}

fn error(metric: Metric, predictions: &[(f64, f64)]) -> String {
    let (scores, outcomes): (Vec<f64>, Vec<f64>) = predictions.iter().copied().unzip();
    metric(&scores, &outcomes, &mut Output::default()).unwrap_err().to_string()
}

fn psi_of(expected: &[f64], actual: &[f64], bins: f64) -> (Vec<f64>, Vec<u8>) {
    let mut out = Output::default();
    psi(expected, actual, bins, &mut out).unwrap();
    (out.stream, out.text)
}

fn known(predictions: &[(f64, f64)]) -> Vec<(f64, bool)> {
    let known = predictions.iter().filter(|(score, outcome)| !score.is_nan() && !outcome.is_nan());
    known.map(|&(score, outcome)| (score, outcome == 1.0)).collect()
}

fn bits(stream: &[f64]) -> Vec<u64> {
    stream.iter().map(|slot| slot.to_bits()).collect()
}

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-12 || (one.is_nan() && other.is_nan())
}

fn seven_bins(score: &[f64], outcome: &[f64], out: &mut Output) -> Result<()> {
    calibration(score, outcome, 7.0, out)
}

fn two_targets(score: &[f64], outcome: &[f64], out: &mut Output) -> Result<()> {
    suggested_thresholds(score, outcome, &[0.3, 0.5], out)
}

const ALL: [Metric; 5] = [auc, brier, lift, seven_bins, two_targets];

proptest! {
    #[test]
    fn the_order_of_predictions_never_matters(rows in predictions().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle()))) {
        for metric in ALL {
            prop_assert_eq!(bits(&stream(metric, &rows.0)), bits(&stream(metric, &rows.1)));
        }
    }

    #[test]
    fn every_prediction_is_used_or_counted_as_ignored(rows in predictions()) {
        let used = known(&rows).len() as f64;
        for metric in ALL {
            prop_assert_eq!(*stream(metric, &rows).last().unwrap(), rows.len() as f64 - used);
        }
    }

    #[test]
    fn the_area_is_the_share_of_pairs_in_order(rows in predictions()) {
        let found = stream(auc, &rows);
        let rows = known(&rows);
        let (mut half_pairs, mut pairs) = (0, 0);
        for (high, _) in rows.iter().filter(|(_, positive)| *positive) {
            for (low, _) in rows.iter().filter(|(_, positive)| !*positive) {
                half_pairs += if high > low { 2 } else { (high == low) as u32 };
                pairs += 1;
            }
        }
        let exact = f64::from(half_pairs) / f64::from(2 * pairs);
        prop_assert_eq!(found[0].to_bits(), if pairs == 0 { f64::NAN } else { exact }.to_bits());
    }

    #[test]
    fn turning_scores_round_turns_the_area_round(rows in predictions()) {
        let turned: Vec<(f64, f64)> = rows.iter().map(|&(score, outcome)| (-score, outcome)).collect();
        let swapped: Vec<(f64, f64)> = rows.iter().map(|&(score, outcome)| (score, 1.0 - outcome)).collect();
        let area = stream(auc, &rows)[0];
        prop_assert!(close(stream(auc, &turned)[0], 1.0 - area));
        prop_assert!(close(stream(auc, &swapped)[0], 1.0 - area));
    }

    // Sixteenths have squares that are exact.
    #[test]
    fn the_brier_score_is_the_mean_square(rows in predictions()) {
        let found = stream(brier, &rows);
        let rows = known(&rows);
        let squares: i64 = rows.iter().map(|&(score, positive)| {
            let off = (score * 16.0) as i64 - 16 * i64::from(positive);
            off * off
        }).sum();
        let mean = squares as f64 / 256.0 / rows.len() as f64;
        prop_assert!(found[0] == mean || rows.is_empty() && found[0].is_nan());
    }

    #[test]
    fn deciles_are_what_sharing_out_tenths_of_rows_gives(rows in predictions()) {
        let found = stream(lift, &rows);
        let mut rows = known(&rows);
        rows.sort_by(|one, other| other.0.total_cmp(&one.0));
        // Ten tenths of each row, each with the rate of its score.
        let tenths: Vec<(f64, f64)> = rows.iter().flat_map(|&(score, _)| {
            let tie: Vec<bool> = rows.iter().filter(|row| row.0 == score).map(|row| row.1).collect();
            let rate = tie.iter().filter(|positive| **positive).count() as f64 / tie.len() as f64;
            [(score, rate / 10.0); 10]
        }).collect();
        if rows.is_empty() {
            prop_assert_eq!(found[0], 0.0);
            return Ok(());
        }
        let all: f64 = rows.iter().map(|&(_, positive)| f64::from(u8::from(positive))).sum();
        let mut so_far = 0.0;
        prop_assert_eq!(found[0], 10.0);
        for (number, (decile, found)) in tenths.chunks(rows.len()).zip(found[1..81].chunks(8)).enumerate() {
            let positives: f64 = decile.iter().map(|tenth| tenth.1).sum();
            so_far += positives;
            let size = rows.len() as f64 / 10.0;
            let shares = [positives, positives / size, positives / size / (all / rows.len() as f64), so_far / all];
            prop_assert_eq!(&found[..2], &[number as f64 + 1.0, size]);
            prop_assert!(shares.iter().zip(&found[2..6]).all(|(one, other)| close(*one, *other)), "{shares:?} {found:?}");
            prop_assert_eq!(&found[6..], &[decile[decile.len() - 1].0, decile[0].0]);
        }
    }

    #[test]
    fn every_probability_is_in_the_one_bin_whose_bounds_hold_it(rows in predictions(), bins in 1u32..40) {
        let metric = |rows: &[(f64, f64)]| {
            let (scores, outcomes): (Vec<f64>, Vec<f64>) = rows.iter().copied().unzip();
            let mut out = Output::default();
            calibration(&scores, &outcomes, f64::from(bins), &mut out).unwrap();
            out.stream
        };
        let found = metric(&rows);
        let rows = known(&rows);
        let mut error = 0.0;
        for (number, bin) in found[1..].chunks(5).take(bins as usize).enumerate() {
            let (lower, upper) = (number as f64 / f64::from(bins), (number + 1) as f64 / f64::from(bins));
            let inside = rows.iter().filter(|row| (row.0 > lower || number == 0) && row.0 <= upper);
            let inside: Vec<&(f64, bool)> = inside.collect();
            let count = inside.len() as f64;
            let predicted = inside.iter().map(|row| row.0).sum::<f64>() / count;
            let observed = inside.iter().filter(|row| row.1).count() as f64 / count;
            prop_assert_eq!(&bin[..3], &[lower, upper, count]);
            prop_assert!(close(bin[3], predicted) && close(bin[4], observed));
            if count > 0.0 {
                error += (predicted - observed).abs() * count / rows.len() as f64;
            }
        }
        let found = found[1 + 5 * bins as usize];
        prop_assert!(close(found, error) || rows.is_empty() && found.is_nan());
    }

    #[test]
    fn a_threshold_is_the_lowest_score_that_keeps_its_target(rows in predictions(), target in 0.0f64..=1.0) {
        let (scores, outcomes): (Vec<f64>, Vec<f64>) = rows.iter().copied().unzip();
        let mut out = Output::default();
        suggested_thresholds(&scores, &outcomes, &[target], &mut out).unwrap();
        let rows = known(&rows);
        let rate = |score: f64| {
            let above: Vec<bool> = rows.iter().filter(|row| row.0 >= score).map(|row| row.1).collect();
            above.iter().filter(|positive| **positive).count() as f64 / above.len() as f64
        };
        let good = rows.iter().map(|row| row.0).filter(|&score| rate(score) >= target);
        let lowest = good.fold(f64::NAN, f64::min);
        prop_assert_eq!(out.stream[2].to_bits(), lowest.to_bits());
    }

    #[test]
    fn bins_of_the_index_are_quantiles_of_what_was_expected(
        expected in prop::collection::vec(-9i32..9, 1..60),
        actual in prop::collection::vec(-12i32..12, 1..60),
        bins in 1usize..14,
    ) {
        let expected: Vec<f64> = expected.into_iter().map(f64::from).collect();
        let actual: Vec<f64> = actual.into_iter().map(f64::from).collect();
        let (found, _) = psi_of(&expected, &actual, bins as f64);
        let share = |values: &[f64], low: f64, high: f64| {
            values.iter().filter(|value| **value > low && **value <= high).count() as f64 / values.len() as f64
        };
        // A quantile is the least value up to which there is the share.
        let mut bounds: Vec<f64> = (1..bins).map(|number| {
            let enough = |value: &f64| {
                expected.iter().filter(|other| *other <= value).count() * bins >= number * expected.len()
            };
            expected.iter().copied().filter(enough).fold(f64::INFINITY, f64::min)
        }).filter(|bound| expected.iter().any(|value| value > bound)).collect();
        bounds.dedup();
        bounds.push(f64::INFINITY);
        let (mut low, mut index) = (f64::NEG_INFINITY, 0.0);
        prop_assert_eq!(found[3], bounds.len() as f64);
        for (bound, bin) in bounds.iter().zip(found[4..].chunks(4)) {
            let (old, new) = (share(&expected, low, *bound), share(&actual, low, *bound));
            prop_assert!(old > 0.0);
            prop_assert!(bin[0] == *bound || bound.is_infinite() && bin[0].is_nan());
            prop_assert_eq!(&bin[1..3], &[old, new]);
            let counted = if new > 0.0 { new } else { 0.5 / actual.len() as f64 };
            index += (counted - old) * (counted / old).ln();
            low = *bound;
        }
        prop_assert!(close(found[0], index), "{} {index}", found[0]);
        prop_assert!(found[0] >= 0.0);
    }

    #[test]
    fn the_order_of_values_never_matters(
        lists in prop::collection::vec(-1e3f64..1e3, 1..60).prop_flat_map(|list| (Just(list.clone()), Just(list).prop_shuffle())),
        bins in 1u32..14,
    ) {
        let other: Vec<f64> = lists.0.iter().map(|value| value * 1.25 + 1.0).collect();
        let shuffled: Vec<f64> = lists.1.iter().map(|value| value * 1.25 + 1.0).collect();
        let (one, two) = (psi_of(&lists.0, &other, f64::from(bins)), psi_of(&lists.1, &shuffled, f64::from(bins)));
        prop_assert_eq!(bits(&one.0), bits(&two.0));
        prop_assert_eq!(one.1, two.1);
        // And what has not moved has no index.
        prop_assert_eq!(psi_of(&lists.0, &lists.1, f64::from(bins)).0[0], 0.0);
    }
}

#[test]
fn a_score_that_has_no_sign_of_its_own_is_one_score() {
    assert_eq!(stream(auc, &[(0.0, 1.0), (-0.0, 0.0)])[0], 0.5);
    assert_eq!(bits(&stream(lift, &[(0.0, 1.0), (-0.0, 0.0)])), bits(&stream(lift, &[(-0.0, 1.0), (0.0, 0.0)])));
}

#[test]
fn bands_begin_at_a_tenth_and_a_quarter() {
    // Two bins with a half each, of which d goes from one to the other: the index is d ln((0.5 + d) / (0.5 - d)).
    let expected: Vec<f64> = (0..200).map(|number| f64::from(number / 100)).collect();
    let bands = [(31, "stable"), (32, "moderate"), (47, "moderate"), (48, "large")];
    for (moved, band) in bands {
        let actual: Vec<f64> = (0..200).map(|number| f64::from(u8::from(number >= 100 - moved))).collect();
        let d = f64::from(moved) / 200.0;
        let exact = d * ((0.5 + d) / (0.5 - d)).ln();
        let (stream, text) = psi_of(&expected, &actual, 2.0);
        assert!(close(stream[0], exact), "{moved}: {} {exact}", stream[0]);
        assert_eq!(text, band.as_bytes(), "{moved}: {}", stream[0]);
    }
}

#[test]
fn what_is_no_number_is_refused_with_its_path() {
    for metric in [auc, lift, two_targets] {
        assert_eq!(error(metric, &[(1.0, 1.0), (f64::INFINITY, 0.0)]), "predictions[1].score: must be a finite number");
    }
    for metric in [brier, seven_bins] {
        let message = "predictions[0].score: must be a probability, between 0 and 1";
        assert_eq!(error(metric, &[(-0.1, 1.0)]), message);
        assert_eq!(error(metric, &[(1.1, f64::NAN)]), message);
    }
    for metric in ALL {
        assert_eq!(error(metric, &[(1.0, 1.0), (1.0, 0.5)]), "predictions[1].outcome: must be 0, 1 or NULL");
    }
    let refused = |bins: f64| psi(&[1.0], &[1.0], bins, &mut Output::default()).unwrap_err().to_string();
    for bins in [0.0, -1.0, 1.5, 1001.0, f64::NAN, f64::INFINITY] {
        assert_eq!(refused(bins), "bins: must be a whole number from 1 to 1,000");
    }
    for value in [f64::NAN, f64::NEG_INFINITY] {
        let refused = psi(&[1.0], &[1.0, value], 2.0, &mut Output::default()).unwrap_err().to_string();
        assert_eq!(refused, "actual[1]: must be a finite number");
    }
    let targets = Vec::from([0.5; 101]);
    let refused = suggested_thresholds(&[], &[], &targets, &mut Output::default()).unwrap_err().to_string();
    assert_eq!(refused, "targets: must not have more than 100 elements");
}
