//! Points as integers of 2^-32.

use crate::exponential::ROUND_SHIFT;

/// Points in multiples of 2^-32, below 2^19 points in absolute value: sums are exact, and so is the conversion to a double.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Units(pub i64);

const PER_POINT: f64 = 4_294_967_296.0;
const LIMIT: i64 = 1 << 51;

impl Units {
    pub const ZERO: Units = Units(0);

    pub const fn whole(points: i64) -> Units {
        Units(points << 32)
    }

    /// The nearest multiple of 2^-32, ties to even; `None` from 2^19 points on, and for NaN.
    pub fn round(points: f64) -> Option<Units> {
        let scaled = points * PER_POINT;
        // Below 2^51 the shift leaves the nearest integer in the low bits of the sum.
        (scaled.abs() < LIMIT as f64).then(|| {
            let bits = (scaled + ROUND_SHIFT).to_bits() as i64;
            Units(bits - ROUND_SHIFT.to_bits() as i64)
        })
    }

    /// The sum; `None` from 2^19 points on.
    pub fn plus(self, other: Units) -> Option<Units> {
        let sum = self.0 + other.0;
        (sum.abs() < LIMIT).then_some(Units(sum))
    }

    pub fn minus(self, other: Units) -> Units {
        Units(self.0 - other.0)
    }

    pub fn points(self) -> f64 {
        self.0 as f64 / PER_POINT
    }

    /// Tenths of a point, rounded half away from zero.
    pub fn tenths(self) -> i64 {
        let tenths = (self.0.abs() * 10 + (1 << 31)) >> 32;
        if self.0 < 0 { -tenths } else { tenths }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tenths_are_rounded_half_away_from_zero() {
        for (points, tenths) in [(0.25, 3), (-0.25, -3), (0.05, 1), (14.1, 141), (-20.0, -200), (0.0, 0), (0.04, 0)] {
            assert_eq!(Units::round(points).unwrap().tenths(), tenths, "{points}");
        }
    }

    #[test]
    fn what_is_out_of_range_is_refused() {
        for points in [524_288.0, -524_288.0, f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(Units::round(points), None, "{points}");
        }
        assert!(Units::round(524_287.9).is_some());
    }

    proptest! {
        #[test]
        fn rounding_is_to_the_nearest_with_ties_to_even(points in -524_287.0f64..524_287.0, half in -1_000_000_000i64..1_000_000_000) {
            prop_assert_eq!(Units::round(points).unwrap().0 as f64, (points * PER_POINT).round_ties_even());
            let tie = (half as f64 + 0.5) / PER_POINT;
            prop_assert_eq!(Units::round(tie).unwrap().0, (half as f64 + 0.5).round_ties_even() as i64);
        }
    }
}
