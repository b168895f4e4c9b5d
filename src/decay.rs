//! How much a signal is still worth after some days.
//!
//! Three laws under honest names (`docs/semantics.md`, "Decay"): the exponential with a time constant, the true
//! half-life, and the straight line. An event after the point of view (`age_days < 0`) is worth nothing: time is an
//! argument, and what lies after it counts nowhere.

use crate::exponential::{exp, exp2};
use crate::{Error, Result};

const MICROSECONDS_PER_DAY: f64 = 86_400_000_000.0;

/// The age of an event in fractional days, `(as_of - occurred_at) / 86 400 s`, from microseconds since 1970.
///
/// ```
/// assert_eq!(plg_udfs::decay::age_days(0.0, 43_200_000_000.0), 0.5);
/// ```
#[inline]
pub fn age_days(occurred_at: f64, as_of: f64) -> f64 {
    (as_of - occurred_at) / MICROSECONDS_PER_DAY
}

/// `points * exp(-age_days / tau_days)`; 36.8 % is left after one `tau_days`. 0 for a negative age.
///
/// Errors when an argument is NaN or infinite, or `tau_days` is not positive.
///
/// ```
/// assert_eq!(plg_udfs::decay::decay_exp(8.0, 0.0, 7.0), Ok(8.0));
/// assert!(plg_udfs::decay::decay_exp(8.0, 1.0, 0.0).is_err());
/// ```
#[inline]
pub fn decay_exp(points: f64, age_days: f64, tau_days: f64) -> Result<f64> {
    check(points, age_days, tau_days, "tau_days")?;
    Ok(worth(points, age_days, exp(-age_days / tau_days)))
}

/// `points * 2^(-age_days / half_life_days)`; exactly half is left after one half-life. 0 for a negative age.
///
/// Errors when an argument is NaN or infinite, or `half_life_days` is not positive.
///
/// ```
/// assert_eq!(plg_udfs::decay::decay_half_life(8.0, 7.0, 7.0), Ok(4.0));
/// ```
#[inline]
pub fn decay_half_life(points: f64, age_days: f64, half_life_days: f64) -> Result<f64> {
    check(points, age_days, half_life_days, "half_life_days")?;
    Ok(worth(points, age_days, exp2(-age_days / half_life_days)))
}

/// `points * max(0, 1 - age_days / window_days)`; nothing is left after the window. 0 for a negative age.
///
/// Errors when an argument is NaN or infinite, or `window_days` is not positive.
///
/// ```
/// assert_eq!(plg_udfs::decay::decay_linear(8.0, 7.0, 28.0), Ok(6.0));
/// ```
#[inline]
pub fn decay_linear(points: f64, age_days: f64, window_days: f64) -> Result<f64> {
    check(points, age_days, window_days, "window_days")?;
    Ok(worth(points, age_days, linear(age_days, window_days)))
}

/// The share that a straight line leaves, between 0 and 1 for ages from 0.
#[inline]
pub(crate) fn linear(age_days: f64, window_days: f64) -> f64 {
    let share = 1.0 - age_days / window_days;
    if share > 0.0 { share } else { 0.0 }
}

#[inline]
fn worth(points: f64, age_days: f64, share: f64) -> f64 {
    // Adding zero turns -0 (nothing left of negative points) into 0.
    if age_days < 0.0 { 0.0 } else { points * share + 0.0 }
}

#[inline]
fn check(points: f64, age_days: f64, scale: f64, scale_name: &str) -> Result<()> {
    // One comparison on the hot path: `x - x` is 0 for finite numbers and NaN otherwise.
    if (points - points) + (age_days - age_days) + (scale - scale) == 0.0 && scale > 0.0 {
        return Ok(());
    }
    Err(refusal(points, age_days, scale, scale_name))
}

#[cold]
fn refusal(points: f64, age_days: f64, scale: f64, scale_name: &str) -> Error {
    let name = if !points.is_finite() {
        "points"
    } else if !age_days.is_finite() {
        "age_days"
    } else if !scale.is_finite() {
        scale_name
    } else {
        return Error::new(scale_name, "must be > 0");
    };
    Error::new(name, "must be a finite number")
}
