//! Sums of many numbers.

/// A sum that keeps what each addition rounds away, by A. Neumaier's method (ZAMM 54, 1974): its error does not grow with
/// the number of terms. The order of the terms still may change its last bit, so they are sorted before.
#[derive(Clone, Copy, Default)]
pub(super) struct Sum {
    sum: f64,
    lost: f64,
}

impl Sum {
    #[inline]
    pub fn add(&mut self, term: f64) {
        let sum = self.sum + term;
        let (large, small) = if self.sum.abs() < term.abs() { (term, self.sum) } else { (self.sum, term) };
        self.lost += (large - sum) + small;
        self.sum = sum;
    }

    pub fn total(self) -> f64 {
        self.sum + self.lost
    }
}
