//! How many users two workspaces share, and which workspaces of a group are probably the same.

mod candidates;

pub use candidates::{Thresholds, merge_candidates};

use crate::Result;
use crate::abi::{Output, Texts};
use crate::ranks::{NONE, rank};

/// How many users two workspaces have, and how many both.
#[derive(Clone, Copy)]
struct Shared {
    a: usize,
    b: usize,
    both: usize,
}

impl Shared {
    /// Of all users those of both; NaN where there are none.
    fn jaccard(self) -> f64 {
        self.both as f64 / (self.a + self.b - self.both) as f64
    }

    /// Of the users of the smaller one those of both; NaN where it has none.
    fn containment(self) -> f64 {
        self.both as f64 / self.a.min(self.b) as f64
    }
}

/// Compares the distinct users of two workspaces.
///
/// Writes the shared users, those of each, the Jaccard index `|A and B| / |A or B|` and the containment
/// `|A and B| / min(|A|, |B|)`, both NULL where their denominator is 0, and how many rows have no user (NULL or empty).
/// Never fails.
pub fn workspace_overlap(users_a_user_id: Texts<'_>, users_b_user_id: Texts<'_>, out: &mut Output) -> Result<()> {
    let users = rank(&[users_a_user_id, users_b_user_id]);
    let mut sides = alloc::vec![0u8; users.names.len()];
    let mut ignored = 0.0;
    for (column, side) in users.columns.iter().zip([1, 2]) {
        for &user in column {
            match sides.get_mut(user as usize) {
                Some(sides) if user != NONE => *sides |= side,
                _ => ignored += 1.0,
            }
        }
    }
    let count = |side: u8| sides.iter().filter(|&&sides| sides & side == side).count();
    let shared = Shared { a: count(1), b: count(2), both: count(3) };
    out.slots(&[shared.both as f64, shared.a as f64, shared.b as f64, shared.jaccard(), shared.containment(), ignored]);
    Ok(())
}
