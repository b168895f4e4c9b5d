//! Claims about models and their training.

use super::coefficients::probability;
use super::{Coefficients, Training, likelihood, likelihood_fit};
use crate::abi::{Document, Facts, Output, Texts};
use crate::tape::writer::from_json;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use proptest::prelude::*;

/// Rows of facts, `None` for NULL.
type Rows = Vec<(f64, Vec<Option<f64>>)>;

fn coefficients(json: &str) -> crate::Result<Coefficients> {
    Coefficients::compile("coefficients", &from_json("coefficients", json)?)
}

fn training(json: &str) -> crate::Result<Training> {
    Training::compile("training", &from_json("training", json)?)
}

fn with_facts<T>(fields: usize, rows: &[Vec<Option<f64>>], use_facts: impl FnOnce(Facts<'_>) -> T) -> T {
    let cells: Vec<Option<f64>> = rows.iter().flatten().copied().collect();
    let marks: Vec<u8> = cells.iter().map(|cell| cell.is_some() as u8).collect();
    let values: Vec<f64> = cells.iter().map(|cell| cell.unwrap_or(0.0)).collect();
    let spans = alloc::vec![[0, 0]; cells.len()];
    use_facts(Facts::of_elements(fields, &marks, &values, Texts::new(&spans, &[])))
}

fn apply(model: &Coefficients, row: &[Option<f64>]) -> crate::Result<Vec<f64>> {
    let mut out = Output::default();
    with_facts(row.len(), &[row.to_vec()], |facts| likelihood(facts.row(0), model, &mut out))?;
    Ok(out.stream)
}

#[derive(Clone, Debug)]
struct Fitted {
    intercept: f64,
    /// Weight, mean, scale, impute, imputed.
    features: Vec<[f64; 5]>,
    iterations: f64,
    converged: bool,
    log_loss: f64,
    counts: Vec<f64>,
    bits: Vec<u64>,
}

fn fit(json: &str, rows: &[(f64, Vec<Option<f64>>)]) -> crate::Result<Fitted> {
    let training = training(json)?;
    let outcomes: Vec<f64> = rows.iter().map(|row| row.0).collect();
    let facts: Vec<Vec<Option<f64>>> = rows.iter().map(|row| row.1.clone()).collect();
    let mut out = Output::default();
    with_facts(training.fact_fields(), &facts, |facts| likelihood_fit(&outcomes, facts, &training, &mut out))?;
    let stream = &out.stream;
    let (features, rest) = stream[4..].split_at(6 * stream[3] as usize);
    Ok(Fitted {
        intercept: stream[2],
        features: features.chunks(6).map(|feature| feature[1..].try_into().unwrap()).collect(),
        iterations: rest[0],
        converged: rest[1] == 1.0,
        log_loss: rest[2],
        counts: rest[3..].to_vec(),
        bits: stream.iter().map(|slot| slot.to_bits()).collect(),
    })
}

fn document(l2: f64, fields: usize, more: &str) -> String {
    let names: Vec<String> = (0..fields).map(|field| format!("\"f{field}\"")).collect();
    format!(r#"{{"name": "test", "version": "1", "features": [{}], "l2": {l2}{more}}}"#, names.join(", "))
}

/// Rows of three features, of which the outcome depends on chance and the first two.
fn observations() -> impl Strategy<Value = Rows> {
    let cell = || prop_oneof![8 => (-20i32..20).prop_map(|x| Some(f64::from(x) / 4.0)), 1 => Just(None)];
    let row = ((cell(), cell(), cell()), -20i32..20).prop_map(|((a, b, c), chance)| {
        let z = a.unwrap_or(0.0) - 2.0 * b.unwrap_or(0.0) + f64::from(chance);
        (f64::from(u8::from(z > 0.0)), alloc::vec![a, b, c])
    });
    prop::collection::vec(row, 2..60)
}

/// The first derivatives of the penalised loss, with the platform's exponential, by the intercept and the weights.
fn gradient(rows: &Rows, fitted: &Fitted, l2: f64) -> Vec<f64> {
    let mut gradient = alloc::vec![0.0; fitted.features.len() + 1];
    for (outcome, row) in rows {
        let x: Vec<f64> = row.iter().zip(&fitted.features).map(|(x, f)| (x.unwrap_or(f[3]) - f[1]) / f[2]).collect();
        let z = fitted.intercept + x.iter().zip(&fitted.features).map(|(x, f)| x * f[0]).sum::<f64>();
        let off = 1.0 / (1.0 + (-z).exp()) - outcome;
        gradient[0] += off;
        x.iter().zip(&mut gradient[1..]).for_each(|(x, sum)| *sum += off * x);
    }
    fitted.features.iter().zip(&mut gradient[1..]).for_each(|(feature, sum)| *sum += l2 * feature[0]);
    gradient
}

proptest! {
    #[test]
    fn contributions_add_up_to_the_log_odds_exactly_and_the_largest_comes_first(
        intercept in -100.0f64..100.0,
        features in prop::collection::vec((-5.0f64..5.0, -10.0f64..10.0, 0.01f64..10.0, prop::option::of(-50.0f64..50.0)), 0..8),
    ) {
        let list: Vec<String> = features.iter().enumerate().map(|(number, (weight, mean, scale, _))| {
            format!(r#"{{"name": "f{number}", "weight": {weight:?}, "mean": {mean:?}, "scale": {scale:?}}}"#)
        }).collect();
        let json = format!(r#"{{"name": "m", "version": "1", "intercept": {intercept:?}, "features": [{}]}}"#, list.join(", "));
        let model = coefficients(&json).unwrap();
        let row: Vec<Option<f64>> = features.iter().map(|feature| feature.3).collect();
        let stream = apply(&model, &row).unwrap();
        let units = |points: f64| points * 4_294_967_296.0;
        let contributions: Vec<&[f64]> = stream[5..].chunks(3).collect();
        prop_assert_eq!(contributions.len(), features.len() + 1);
        let sum: i64 = contributions.iter().map(|c| { assert_eq!(units(c[1]).fract(), 0.0); units(c[1]) as i64 }).sum();
        prop_assert_eq!(sum as f64, units(stream[3]));
        for pair in contributions.windows(2) {
            let (one, two) = (pair[0][1].abs(), pair[1][1].abs());
            prop_assert!(one > two || one == two && pair[0][0] < pair[1][0]);
        }
        for contribution in contributions {
            // 2 is the intercept, then come the features.
            let exact = match contribution[0] as usize {
                2 => intercept,
                number => {
                    let (weight, mean, scale, x) = features[number - 3];
                    prop_assert_eq!(contribution[2], f64::from(u8::from(x.is_none())));
                    weight * (x.unwrap_or(mean) - mean) / scale
                }
            };
            prop_assert!((contribution[1] - exact).abs() <= 0.5 / 4_294_967_296.0);
        }
    }

    #[test]
    fn the_order_of_observations_never_matters(rows in observations().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle()))) {
        let json = document(0.5, 3, "");
        prop_assert_eq!(fit(&json, &rows.0).unwrap().bits, fit(&json, &rows.1).unwrap().bits);
    }

    // The loss is convex: where all derivatives are 0 is the one minimum.
    #[test]
    fn at_the_end_of_a_fit_all_derivatives_are_zero(rows in observations(), l2 in prop_oneof![Just(0.01), Just(1.0), Just(30.0)]) {
        let fitted = fit(&document(l2, 3, ""), &rows).unwrap();
        let positives = rows.iter().filter(|row| row.0 == 1.0).count();
        if positives == 0 || positives == rows.len() {
            prop_assert!(!fitted.converged && fitted.intercept.is_nan() && fitted.log_loss.is_nan());
            prop_assert!(fitted.features.iter().all(|feature| feature[0] == 0.0));
            return Ok(());
        }
        prop_assert!(fitted.converged);
        for derivative in gradient(&rows, &fitted, l2) {
            prop_assert!(derivative.abs() <= 1e-10, "{derivative:e} {fitted:?}");
        }
    }

    #[test]
    fn the_mean_may_be_written_where_nothing_is_known(rows in observations()) {
        let fitted = fit(&document(1.0, 3, ""), &rows).unwrap();
        let filled: Rows = rows.iter().map(|(outcome, row)| {
            (*outcome, row.iter().zip(&fitted.features).map(|(x, feature)| Some(x.unwrap_or(feature[3]))).collect())
        }).collect();
        let again = fit(&document(1.0, 3, ""), &filled).unwrap();
        for (one, two) in fitted.features.iter().zip(&again.features) {
            prop_assert!((one[0] - two[0]).abs() <= 1e-9 && (one[1] - two[1]).abs() <= 1e-12 && (one[2] - two[2]).abs() <= 1e-12);
            prop_assert_eq!(two[4], 0.0);
        }
    }

    #[test]
    fn a_probability_never_falls_when_the_odds_rise(a in -524_287.0f64..524_287.0, b in -40.0f64..40.0) {
        for (low, high) in [(a.min(b), a.max(b)), (b, b + 1e-9)] {
            prop_assert!(probability(low) <= probability(high));
            prop_assert!((0.0..=1.0).contains(&probability(low)));
        }
        prop_assert!((probability(b) - 1.0 / (1.0 + (-b).exp())).abs() <= 4.0 * f64::EPSILON * probability(b));
    }
}

/// Two groups that a number separates, and one observation more.
fn separated(and: f64) -> Rows {
    let mut rows: Rows = (0..20).map(|x| (f64::from(u8::from(x >= 10)), alloc::vec![Some(f64::from(x))])).collect();
    rows.push((1.0, alloc::vec![Some(and)]));
    rows
}

#[test]
fn separated_outcomes_without_penalty_end_and_have_not_converged() {
    for and in [15.0, 9.5, 9.0] {
        // At 9 there is one of each: the weight is infinite all the same, or nearly (quasi-complete separation).
        let fitted = fit(&document(0.0, 1, ", \"max_iterations\": 1000"), &separated(and)).unwrap();
        assert!(!fitted.converged, "{and}: {fitted:?}");
        assert!(fitted.log_loss < 0.1 && fitted.iterations < 1000.0, "{and}: {fitted:?}");
    }
    assert!(fit(&document(1e-3, 1, ""), &separated(15.0)).unwrap().converged);
}

#[test]
fn overlapping_outcomes_converge_without_penalty() {
    let rows = separated(5.0);
    let fitted = fit(&document(0.0, 1, ""), &rows).unwrap();
    assert!(fitted.converged);
    assert!(gradient(&rows, &fitted, 0.0).iter().all(|derivative| derivative.abs() <= 1e-10), "{fitted:?}");
}

#[test]
fn of_features_that_are_combinations_the_later_is_left_out_without_penalty() {
    let rows: Rows = separated(5.0)
        .into_iter()
        .enumerate()
        .map(|(number, (outcome, row))| {
            let (x, y) = (row[0].unwrap(), (number * 7 % 5) as f64);
            (outcome, alloc::vec![Some(x), Some(y), Some(3.0), Some(2.0 * x - y + 1.0)])
        })
        .collect();
    let fitted = fit(&document(0.0, 4, ""), &rows).unwrap();
    let two: Rows = rows.iter().map(|(outcome, row)| (*outcome, row[..2].to_vec())).collect();
    let alone = fit(&document(0.0, 2, ""), &two).unwrap();
    assert!(fitted.converged && alone.converged);
    // The constant, too.
    assert_eq!([fitted.features[2][0], fitted.features[3][0]], [0.0, 0.0]);
    assert_eq!(fitted.features[2][1..3], [3.0, 1.0]);
    for (one, other) in fitted.features.iter().zip(&alone.features) {
        assert!((one[0] - other[0]).abs() <= 1e-10);
    }
    // With a penalty twins share the weight.
    let twins: Rows = rows.iter().map(|(outcome, row)| (*outcome, alloc::vec![row[0], row[0]])).collect();
    let fitted = fit(&document(1.0, 2, ""), &twins).unwrap();
    assert!((fitted.features[0][0] - fitted.features[1][0]).abs() <= 1e-12 && fitted.features[0][0] > 0.1);
}

#[test]
fn without_features_the_intercept_is_the_base_rate() {
    let rows: Rows = (0..10).map(|number| (f64::from(u8::from(number < 3)), Vec::new())).collect();
    let fitted = fit(&document(1.0, 0, ""), &rows).unwrap();
    assert!(fitted.converged && (fitted.intercept - (3.0f64 / 7.0).ln()).abs() <= 1e-15, "{fitted:?}");
    assert_eq!(fitted.counts, [10.0, 3.0, 0.0]);
}

#[test]
fn a_feature_that_no_row_has_weighs_nothing_and_tells_so() {
    let rows: Rows = separated(5.0).into_iter().map(|(outcome, row)| (outcome, alloc::vec![row[0], None])).collect();
    let fitted = fit(&document(0.0, 2, ""), &rows).unwrap();
    assert!(fitted.converged);
    assert_eq!(fitted.features[1], [0.0, 0.0, 1.0, 0.0, 21.0]);
}

#[test]
fn observations_without_outcome_are_counted_and_change_nothing() {
    let rows = separated(5.0);
    let mut more = rows.clone();
    more.insert(3, (f64::NAN, alloc::vec![Some(1e9)]));
    let (one, other) = (fit(&document(1.0, 1, ""), &rows).unwrap(), fit(&document(1.0, 1, ""), &more).unwrap());
    assert_eq!(one.counts, [21.0, 11.0, 0.0]);
    assert_eq!(other.counts, [21.0, 11.0, 1.0]);
    assert_eq!(one.bits[..one.bits.len() - 1], other.bits[..one.bits.len() - 1]);
    let none = fit(&document(1.0, 1, ""), &[]).unwrap();
    assert!(none.intercept.is_nan() && none.counts == [0.0, 0.0, 0.0]);
}

#[test]
fn work_without_end_is_refused() {
    let row = alloc::vec![Some(1.0); 100];
    let rows: Rows = (0..9_804).map(|number| (f64::from(number % 2), row.clone())).collect();
    let refused = fit(&document(1.0, 100, ", \"max_iterations\": 1000"), &rows).unwrap_err().to_string();
    assert!(refused.starts_with("observations: are too many for so many features and iterations"), "{refused}");
}

#[test]
fn numbers_that_are_none_are_refused_with_their_path() {
    for x in [f64::NAN, f64::INFINITY, 1.1e100] {
        let rows = [(1.0, alloc::vec![Some(0.0)]), (0.0, alloc::vec![Some(x)])];
        let refused = fit(&document(1.0, 1, ""), &rows).unwrap_err().to_string();
        assert_eq!(refused, "observations[1].features.f0: must be a number of at most 1e100");
    }
    let refused = fit(&document(1.0, 1, ""), &[(2.0, alloc::vec![None])]).unwrap_err().to_string();
    assert_eq!(refused, "observations[0].outcome: must be 0, 1 or NULL");
    let model = r#"{"name": "m", "version": "1", "intercept": 500000, "features": [{"name": "a", "weight": 1}, {"name": "b", "weight": 1}]}"#;
    let model = coefficients(model).unwrap();
    let refused = |a: f64, b: f64| apply(&model, &[Some(a), Some(b)]).unwrap_err().to_string();
    assert_eq!(refused(0.0, f64::INFINITY), "features.b: must be a finite number");
    assert_eq!(refused(f64::NAN, 0.0), "features.a: must be a finite number");
    assert_eq!(refused(-524_288.0, 0.0), "features.a: contributes 2^19 or more");
    assert_eq!(refused(0.0, 24_288.0), "features: contribute 2^19 or more together");
    assert_eq!(apply(&model, &[Some(0.0), Some(24_287.0)]).unwrap()[2], 1.0);
}

#[test]
fn documents_that_do_not_fit_are_refused_with_their_path() {
    let model =
        |rest: &str| coefficients(&format!(r#"{{"name": "m", "version": "1", {rest}}}"#)).err().unwrap().to_string();
    for (rest, refused) in [
        (r#""intercept": 0"#, "coefficients.features: is missing"),
        (r#""features": []"#, "coefficients.intercept: is missing"),
        (r#""intercept": 524288, "features": []"#, "coefficients.intercept: must be below 2^19"),
        (r#""intercept": 0, "features": [{"name": "a"}]"#, "coefficients.features[0].weight: is missing"),
        (r#""intercept": 0, "features": [{"weight": 1}]"#, "coefficients.features[0].name: is missing"),
        (
            r#""intercept": 0, "features": [{"name": "a", "weight": 1, "scale": -1}]"#,
            "coefficients.features[0].scale: must be > 0",
        ),
        (
            r#""intercept": 0, "features": [{"name": "a", "weight": 1}, {"name": "a", "weight": 1}]"#,
            "coefficients.features[1].name: is listed twice, or is 'intercept'",
        ),
        (
            r#""intercept": 0, "features": [{"name": "intercept", "weight": 1}]"#,
            "coefficients.features[0].name: is listed twice, or is 'intercept'",
        ),
        (r#""intercept": 0, "features": [], "weights": 1"#, "coefficients.weights: is not a field of this object"),
    ] {
        assert_eq!(model(rest), refused, "{rest}");
    }
    let learn =
        |rest: &str| training(&format!(r#"{{"name": "m", "version": "1", {rest}}}"#)).err().unwrap().to_string();
    for (rest, refused) in [
        (r#""l2": 1"#, "training.features: is missing"),
        (r#""features": [1]"#, "training.features[0]: must be a text"),
        (r#""features": [], "l2": -1"#, "training.l2: must be between 0 and 1e100"),
        (r#""features": [], "max_iterations": 0"#, "training.max_iterations: must be a whole number from 1 to 1,000"),
        (r#""features": [], "max_iterations": 1.5"#, "training.max_iterations: must be a whole number from 1 to 1,000"),
    ] {
        assert_eq!(learn(rest), refused, "{rest}");
    }
    let error = training(&document(1.0, 101, "")).err().unwrap().to_string();
    assert_eq!(error, "training.features[100]: is one feature too many: a model has at most 100");
}
