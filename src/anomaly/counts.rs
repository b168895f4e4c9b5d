//! Counts as integers of 2^-16.

use crate::error::path;
use crate::{Error, Result};

/// A count >= 0 in multiples of 2^-16, at most 2^47. Sums saturate, so no order of summation changes a bit.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Count(i64);

const PER_EVENT: f64 = 65_536.0;
/// From here on every double is a whole number, and below it adding this leaves none of a fraction.
const WHOLE: f64 = 4_503_599_627_370_496.0;

impl Count {
    /// The nearest multiple of 2^-16, ties to even. Error: what is no finite number >= 0, as `events[index].count`.
    #[inline]
    pub fn of_event(count: f64, index: usize) -> Result<Count> {
        if !(0.0..=f64::MAX).contains(&count) {
            return Err(no_count(index));
        }
        let scaled = count * PER_EVENT;
        let whole = if scaled < WHOLE { scaled + WHOLE - WHOLE } else { scaled };
        Ok(Count(whole as i64))
    }

    pub fn plus(self, other: Count) -> Count {
        Count(self.0.saturating_add(other.0))
    }

    pub fn events(self) -> f64 {
        self.0 as f64 / PER_EVENT
    }
}

#[cold]
fn no_count(index: usize) -> Error {
    Error::new(path("events").index(index).field("count"), "must be a finite number >= 0")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn count(events: f64) -> Count {
        Count::of_event(events, 0).unwrap()
    }

    proptest! {
        #[test]
        fn counts_are_rounded_to_the_nearest_with_ties_to_even(events in 0.0f64..1e14, half in 0i64..1 << 50) {
            prop_assert_eq!(count(events).0 as f64, (events * PER_EVENT).round_ties_even());
            let tie = half as f64 + 0.5;
            prop_assert_eq!(count(tie / PER_EVENT).0 as f64, tie.round_ties_even());
        }
    }

    #[test]
    fn sums_saturate() {
        assert_eq!(count(1e300).plus(count(1.0)).0, i64::MAX);
        assert_eq!(count(1.0).plus(count(2.5)).events(), 3.5);
    }

    #[test]
    fn what_is_no_count_is_named() {
        for events in [-1.0, f64::NAN, f64::INFINITY] {
            let error = Count::of_event(events, 3).err().unwrap();
            assert_eq!(error.path(), "events[3].count");
        }
    }
}
