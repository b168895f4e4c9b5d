//! Coefficients and what they make of a row of facts.

use super::Names;
use crate::abi::{Document, FactRow, Output};
use crate::error::path;
use crate::exponential::exp_neg;
use crate::score::units::Units;
use crate::sort::sort_by;
use crate::tape::{self, Object, Place, Value};
use crate::{Error, Result};
use alloc::vec::Vec;

/// A compiled logistic model; `docs/semantics.md` ("Likelihood") describes the JSON.
#[derive(Default)]
pub struct Coefficients {
    names: Names,
    intercept: Units,
    features: Vec<Feature>,
}

struct Feature {
    weight: f64,
    mean: f64,
    scale: f64,
    /// What stands for an unknown value.
    impute: f64,
}

impl Document for Coefficients {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        tape::fill(argument, source, Self::read)
    }

    /// One dictionary: name, version, `intercept`, and the features. The facts are the features.
    fn describe(&self, out: &mut Output) {
        self.names.describe(out);
    }

    fn fact_fields(&self) -> usize {
        self.features.len()
    }
}

impl Coefficients {
    #[inline(never)]
    fn read(&mut self, root: Value<'_>, place: Place<'_>) -> Result<()> {
        // The second line is what `likelihood_fit` tells beside.
        let document = Object::new(
            root,
            place,
            &[
                "name",
                "version",
                "intercept",
                "features",
                "iterations",
                "converged",
                "log_loss",
                "row_count",
                "positives",
                "ignored",
            ],
        )?;
        self.names.read(&document)?;
        let intercept = Units::round(document.required_number("intercept")?);
        self.intercept = intercept.ok_or_else(|| document.error("intercept", "must be below 2^19"))?;
        document.each("features", |value, place| {
            let feature = Object::new(value, place, &["name", "weight", "mean", "scale", "impute", "imputed"])?;
            let name = feature.required_text("name")?;
            self.names.add(name, &feature.place().field("name"))?;
            let weight = feature.required_number("weight")?;
            let mean = feature.number("mean")?.unwrap_or(0.0);
            let scale = feature.positive("scale")?.unwrap_or(1.0);
            let impute = feature.number("impute")?.unwrap_or(mean);
            self.features.push(Feature { weight, mean, scale, impute });
            Ok(())
        })
    }
}

/// How much something adds to the log-odds.
#[derive(Clone, Copy)]
struct Contribution {
    name: u32,
    units: Units,
    imputed: bool,
}

/// The probability of an outcome by a logistic model, and what each feature contributes to it.
///
/// Writes model, version, probability, log-odds, and the contributions (name, log-odds, whether the value was unknown and
/// something stood for it), the largest by absolute value first, ties in the order of the document with the intercept
/// before the features. A contribution is `weight * (x - mean) / scale`, rounded to a multiple of 2^-32, ties to even; so is
/// the intercept, and the log-odds are their exact sum. The probability is `1 / (1 + e^-log_odds)`.
///
/// The facts are those that the coefficients [describe](Document::describe); an unknown one (NULL or missing) is imputed.
/// A fact that is infinite or NaN, and a contribution or sum of 2^19 or more, is an error.
pub fn likelihood(features: FactRow<'_, '_>, coefficients: &Coefficients, out: &mut Output) -> Result<()> {
    let names = &coefficients.names;
    let mut sum = coefficients.intercept;
    let mut contributions = Vec::with_capacity(coefficients.features.len() + 1);
    contributions.push(Contribution { name: Names::INTERCEPT, units: sum, imputed: false });
    for (index, feature) in coefficients.features.iter().enumerate() {
        let imputed = features.is_null(index);
        let x = if imputed { feature.impute } else { features.value(index) };
        if !x.is_finite() {
            return Err(names.error(path("features"), index, "must be a finite number"));
        }
        let units = Units::round(feature.weight * (x - feature.mean) / feature.scale);
        let units = units.ok_or_else(|| names.error(path("features"), index, "contributes 2^19 or more"))?;
        sum = sum.plus(units).ok_or_else(|| Error::new("features", "contribute 2^19 or more together"))?;
        contributions.push(Contribution { name: names.feature(index), units, imputed });
    }
    sort_by(&mut contributions, |one, other| one.units.0.abs() > other.units.0.abs());
    out.slots(&[Names::NAME, Names::VERSION, probability(sum.points()), sum.points()]);
    out.list(contributions.len());
    for contribution in contributions {
        let imputed = contribution.imputed as u8 as f64;
        out.slots(&[contribution.name as f64, contribution.units.points(), imputed]);
    }
    Ok(())
}

/// `1 / (1 + e^-log_odds)`. Only powers of `e` below 1 are taken, so nothing overflows.
pub(super) fn probability(log_odds: f64) -> f64 {
    let power = exp_neg(1.0, log_odds.abs());
    if log_odds < 0.0 { power / (1.0 + power) } else { 1.0 / (1.0 + power) }
}
