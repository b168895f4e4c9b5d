//! SQL's three-valued logic, and comparison as DuckDB means it.

/// FALSE, NULL (unknown) and TRUE as numbers in this order, so that AND is the minimum, OR the maximum and NOT the
/// mirror image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Truth {
    False = 0,
    Null = 1,
    True = 2,
}

/// The truth values' names, in their order.
pub(super) const NAMES: [&str; 3] = ["FALSE", "NULL", "TRUE"];

impl Truth {
    /// The truth value of this number.
    #[inline]
    pub fn from_bits(bits: u8) -> Truth {
        match bits {
            0 => Truth::False,
            1 => Truth::Null,
            _ => Truth::True,
        }
    }

    #[inline]
    pub fn and(self, other: Truth) -> Truth {
        if self < other { self } else { other }
    }

    #[inline]
    pub fn or(self, other: Truth) -> Truth {
        if self > other { self } else { other }
    }

    #[inline]
    pub fn not(self) -> Truth {
        match self {
            Truth::False => Truth::True,
            Truth::Null => Truth::Null,
            Truth::True => Truth::False,
        }
    }
}

impl From<bool> for Truth {
    #[inline]
    fn from(value: bool) -> Truth {
        if value { Truth::True } else { Truth::False }
    }
}

/// A set of truth values: on which of them a step of the program jumps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TruthSet(u8);

impl TruthSet {
    pub const NONE: TruthSet = TruthSet(0);
    pub const TRUE: TruthSet = TruthSet(1 << Truth::True as u8);
    pub const FALSE: TruthSet = TruthSet(1 << Truth::False as u8);
    pub const NOT_TRUE: TruthSet = TruthSet::TRUE.complement();
    pub const NOT_FALSE: TruthSet = TruthSet::FALSE.complement();
    pub const ALL: TruthSet = TruthSet::NONE.complement();

    pub const fn complement(self) -> TruthSet {
        TruthSet(self.0 ^ 0b111)
    }

    /// The set of an expression whose negation has this set.
    pub fn mirrored(self) -> TruthSet {
        TruthSet((self.0 & 0b010) | (self.0 & 0b001) << 2 | self.0 >> 2)
    }

    #[inline]
    pub fn contains(self, truth: Truth) -> bool {
        self.0 >> truth as u8 & 1 != 0
    }
}

/// A comparison operator: the set of orderings on which it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Comparison(u8);

const LESS: u8 = 1;
const EQUAL: u8 = 2;
const GREATER: u8 = 4;
/// NULL is a value that equals itself, instead of making the result NULL.
const NULL_IS_A_VALUE: u8 = 8;

impl Comparison {
    pub const EQUAL: Comparison = Comparison(EQUAL);
    pub const NOT_EQUAL: Comparison = Comparison(LESS | GREATER);
    pub const LESS: Comparison = Comparison(LESS);
    pub const LESS_OR_EQUAL: Comparison = Comparison(LESS | EQUAL);
    pub const GREATER: Comparison = Comparison(GREATER);
    pub const GREATER_OR_EQUAL: Comparison = Comparison(GREATER | EQUAL);
    pub const DISTINCT: Comparison = Comparison(NULL_IS_A_VALUE | LESS | GREATER);

    /// Whether the operator asks for an order rather than for equality.
    pub fn is_ordering(self) -> bool {
        (self.0 & LESS == 0) != (self.0 & GREATER == 0)
    }

    pub fn treats_null_as_value(self) -> bool {
        self.0 & NULL_IS_A_VALUE != 0
    }

    /// The operator that says the same with the operands exchanged.
    pub fn exchanged(self) -> Comparison {
        let kept = self.0 & (EQUAL | NULL_IS_A_VALUE);
        Comparison(kept | (self.0 & LESS) << 2 | (self.0 & GREATER) >> 2)
    }

    /// Compares numbers: NaN equals NaN and is greater than every other number, -0 equals 0.
    #[inline]
    pub fn numbers(self, left: f64, right: f64) -> bool {
        let [less, equal, greater] = [left < right, left == right, left > right].map(u8::from);
        let mut ordering = (LESS * less) | (EQUAL * equal) | (GREATER * greater);
        if ordering == 0 {
            ordering = match (left.is_nan(), right.is_nan()) {
                (true, true) => EQUAL,
                (true, false) => GREATER,
                _ => LESS,
            };
        }
        self.0 & ordering != 0
    }

    /// Whether the operator holds on an ordering.
    #[inline]
    pub fn orders(self, ordering: core::cmp::Ordering) -> bool {
        let ordering = match ordering {
            core::cmp::Ordering::Less => LESS,
            core::cmp::Ordering::Equal => EQUAL,
            core::cmp::Ordering::Greater => GREATER,
        };
        self.0 & ordering != 0
    }
}

#[cfg(test)]
mod tests {
    use super::Truth::{False, Null, True};
    use super::*;

    #[test]
    fn truth_tables_are_those_of_sql() {
        let rows = [
            (False, False, False, False),
            (False, Null, False, Null),
            (False, True, False, True),
            (Null, Null, Null, Null),
            (Null, True, Null, True),
            (True, True, True, True),
        ];
        for (left, right, and, or) in rows {
            assert_eq!((left.and(right), right.and(left)), (and, and));
            assert_eq!((left.or(right), right.or(left)), (or, or));
        }
        assert_eq!((False.not(), Null.not(), True.not()), (True, Null, False));
    }

    #[test]
    fn a_set_mirrors_as_its_members_negate() {
        for set in [TruthSet::TRUE, TruthSet::FALSE, TruthSet::NOT_TRUE, TruthSet::NOT_FALSE] {
            for truth in [False, Null, True] {
                assert_eq!(set.mirrored().contains(truth), set.contains(truth.not()));
                assert_ne!(set.complement().contains(truth), set.contains(truth));
            }
        }
    }

    #[test]
    fn nan_equals_nan_and_is_greater_than_every_number() {
        assert!(Comparison::EQUAL.numbers(f64::NAN, -f64::NAN));
        assert!(!Comparison::NOT_EQUAL.numbers(f64::NAN, f64::NAN));
        assert!(Comparison::GREATER.numbers(f64::NAN, f64::INFINITY));
        assert!(Comparison::LESS.numbers(f64::INFINITY, f64::NAN));
        assert!(Comparison::EQUAL.numbers(-0.0, 0.0));
    }

    #[test]
    fn exchanged_operands_compare_alike() {
        let all = [
            Comparison::EQUAL,
            Comparison::NOT_EQUAL,
            Comparison::LESS,
            Comparison::LESS_OR_EQUAL,
            Comparison::GREATER,
            Comparison::GREATER_OR_EQUAL,
        ];
        for comparison in all {
            for (left, right) in [(1.0, 2.0), (2.0, 2.0), (3.0, 2.0), (f64::NAN, 2.0), (f64::NAN, f64::NAN)] {
                assert_eq!(comparison.numbers(left, right), comparison.exchanged().numbers(right, left));
            }
        }
    }
}
