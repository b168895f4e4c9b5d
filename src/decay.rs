//! How much a signal is still worth after some days.
//!
//! Three laws under honest names (`docs/semantics.md`, "Decay"): the exponential with a time constant, the true
//! half-life, and the straight line. An event after the point of view (`age_days < 0`) is worth nothing: time is an
//! argument, and what lies after it counts nowhere.

use crate::exponential::{exp_neg, exp2_neg};
use crate::timestamp::MICROSECONDS_PER_DAY;
use crate::{Error, Result};

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
    Ok(if_past(age_days, exp_neg(points, age_days / tau_days)))
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
    Ok(if_past(age_days, exp2_neg(points, age_days / half_life_days)))
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
    Ok(if_past(age_days, points * linear(age_days, window_days)))
}

/// The share that a straight line leaves, between 0 and 1 for ages from 0.
#[inline]
pub(crate) fn linear(age_days: f64, window_days: f64) -> f64 {
    let share = 1.0 - age_days / window_days;
    if share > 0.0 { share } else { 0.0 }
}

/// What is left of an event, which is nothing if it lies in the future.
#[inline]
fn if_past(age_days: f64, left: f64) -> f64 {
    // Adding zero turns -0 (nothing left of negative points) into 0.
    if age_days < 0.0 { 0.0 } else { left + 0.0 }
}

#[inline]
#[expect(clippy::eq_op, reason = "x - x is NaN for NaN and the infinities")]
fn check(points: f64, age_days: f64, scale: f64, scale_name: &str) -> Result<()> {
    // One comparison on the hot path: `x - x` is 0 for finite numbers and NaN otherwise, and nothing is greater than NaN.
    if scale > (points - points) + (age_days - age_days) + (scale - scale) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use proptest::prelude::*;

    type Decay = fn(f64, f64, f64) -> Result<f64>;
    const LAWS: [(Decay, &str); 3] =
        [(decay_exp, "tau_days"), (decay_half_life, "half_life_days"), (decay_linear, "window_days")];

    proptest! {
        #[test]
        fn nothing_grows_with_age(points in 0.0f64..1e6, a in 0.0f64..1e4, b in 0.0f64..1e4, scale in 1e-3f64..1e4) {
            for (decay, _) in LAWS {
                let (newer, older) = (decay(points, a.min(b), scale).unwrap(), decay(points, a.max(b), scale).unwrap());
                prop_assert!(0.0 <= older && older <= newer && newer <= points);
            }
        }

        #[test]
        fn half_is_left_after_each_half_life(points in -1e6f64..1e6, lives in 0u8..30, half_life in 1e-3f64..1e4) {
            let left = decay_half_life(points, half_life * f64::from(lives), half_life).unwrap();
            prop_assert!((left - points * 0.5f64.powi(lives.into())).abs() <= points.abs() * 1e-13);
        }
    }

    #[test]
    fn refusals_name_the_argument() {
        for (decay, scale) in LAWS {
            for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                assert_eq!(decay(bad, 1.0, 1.0).unwrap_err().to_string(), "points: must be a finite number");
                assert_eq!(decay(1.0, bad, 1.0).unwrap_err().to_string(), "age_days: must be a finite number");
                let error = decay(1.0, 1.0, bad).unwrap_err();
                assert_eq!((error.path(), error.message()), (scale, "must be a finite number"));
            }
            for bad in [0.0, -0.0, -7.0] {
                let error = decay(1.0, 1.0, bad).unwrap_err();
                assert_eq!((error.path(), error.message()), (scale, "must be > 0"));
            }
        }
    }

    #[test]
    fn what_lies_after_the_point_of_view_is_worth_nothing() {
        for (decay, _) in LAWS {
            assert_eq!(decay(8.0, -1e-9, 7.0), Ok(0.0));
            assert_eq!(decay(8.0, -1e300, 7.0), Ok(0.0));
        }
    }

    #[test]
    fn nothing_left_of_a_penalty_is_not_minus_zero() {
        assert!(decay_linear(-8.0, 9.0, 7.0).unwrap().is_sign_positive());
        assert!(decay_exp(-8.0, 1e6, 7.0).unwrap().is_sign_positive());
    }
}
