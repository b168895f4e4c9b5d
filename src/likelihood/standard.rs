//! Features of mean 0 and standard deviation 1.

use super::Names;
use crate::Result;
use crate::abi::Facts;
use crate::error::path;
use alloc::vec::Vec;

/// Squares of what is within still have a sum.
const MAX_VALUE: f64 = 1e100;

/// How a feature is standardised: `(x - mean) / scale`.
#[derive(Clone, Copy)]
pub(super) struct Standard {
    /// The mean of the known values, 0 where none is.
    pub mean: f64,
    /// The standard deviation of the rows (not of a sample), in which the mean stands for what is unknown; 1 where it is 0.
    pub scale: f64,
    /// How many rows have no value.
    pub imputed: usize,
}

/// Refuses what cannot be standardised among the facts of a row.
pub(super) fn check(facts: &Facts<'_>, row: usize, names: &Names, fields: usize) -> Result<()> {
    for field in 0..fields {
        let values = facts.row(row);
        if !values.is_null(field) && !(values.value(field).abs() <= MAX_VALUE) {
            let at = path("observations").index(row).field("features");
            return Err(names.error(at, field, "must be a number of at most 1e100"));
        }
    }
    Ok(())
}

/// Whether a row comes before another: feature by feature, the unknown first.
#[inline(never)]
pub(super) fn precedes(facts: &Facts<'_>, one: usize, other: usize, fields: usize) -> bool {
    let (one, other) = (facts.row(one), facts.row(other));
    for field in 0..fields {
        let value =
            |row: crate::abi::FactRow<'_, '_>| if row.is_null(field) { f64::NEG_INFINITY } else { row.value(field) };
        let (a, b) = (value(one), value(other));
        if a != b {
            return a < b;
        }
    }
    false
}

/// The standardised values of the rows in this order, row after row, and how each feature was standardised.
pub(super) fn standardise(facts: &Facts<'_>, rows: &[u32], fields: usize) -> (Vec<f64>, Vec<Standard>) {
    let mut values = Vec::with_capacity(rows.len() * fields);
    for &row in rows {
        let row = facts.row(row as usize);
        // Adding 0 makes 0 of -0, which would be another neighbour in the order but no other value.
        values.extend((0..fields).map(|field| if row.is_null(field) { f64::NAN } else { row.value(field) + 0.0 }));
    }
    let standards = (0..fields).map(|field| standardise_field(&mut values, field, fields)).collect();
    (values, standards)
}

fn standardise_field(values: &mut [f64], field: usize, fields: usize) -> Standard {
    let rows = values.len() / fields;
    let sum = |of: &dyn Fn(f64) -> f64| {
        let known = values.iter().skip(field).step_by(fields).filter(|x| !x.is_nan());
        known.fold(0.0, |sum, &x| sum + of(x))
    };
    let known = sum(&|_| 1.0);
    let first = sum(&|x| x) / known;
    // The second sum makes good what the first has lost by rounding.
    let mean = if known > 0.0 { first + sum(&|x| x - first) / known } else { 0.0 };
    let deviation = square_root(sum(&|x| (x - mean) * (x - mean)) / rows as f64);
    let scale = if deviation > 0.0 { deviation } else { 1.0 };
    for x in values.iter_mut().skip(field).step_by(fields) {
        *x = if x.is_nan() { 0.0 } else { (*x - mean) / scale };
    }
    Standard { mean, scale, imputed: rows - known as usize }
}

/// The square root by Heron's method, within one unit in the last place; 0 below the normal doubles and for NaN. The
/// standard library's needs an operating system.
#[inline(never)]
fn square_root(x: f64) -> f64 {
    if !(x >= f64::MIN_POSITIVE) {
        return 0.0;
    }
    // Half the exponent and half the mantissa: within 7 %, and each step doubles the digits that are right.
    let mut root = f64::from_bits((x.to_bits() >> 1) + (0x3ff << 51));
    for _ in 0..5 {
        root = 0.5 * (root + x / root);
    }
    root
}

#[cfg(test)]
mod tests {
    use super::square_root;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_square_root_is_within_one_unit(x in prop_oneof![0.0..1e-300f64, 0.0..4.0, 0.0..1e200]) {
            let exact = if x < f64::MIN_POSITIVE { 0.0 } else { x.sqrt() };
            prop_assert!(square_root(x).to_bits().abs_diff(exact.to_bits()) <= 1, "{x:e}");
        }
    }
}
