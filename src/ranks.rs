//! Texts as numbers in the order of their bytes, so that what is grouped, compared and sorted are numbers.

use crate::abi::Texts;
use crate::sort::sort_by;
use alloc::vec::Vec;

/// The number of what is NULL, or empty: an id without characters is nobody's.
pub(crate) const NONE: u32 = u32::MAX;

/// The distinct texts of some columns.
pub(crate) struct Ranks<'a> {
    /// The texts in the order of their bytes.
    pub names: Vec<&'a [u8]>,
    /// Per column and row the number of its text in `names`, or [`NONE`].
    pub columns: Vec<Vec<u32>>,
}

/// Numbers the texts of columns that are compared with each other.
#[inline(never)]
pub(crate) fn rank<'a>(columns: &[Texts<'a>]) -> Ranks<'a> {
    let mut texts: Vec<(&[u8], usize, usize)> = Vec::new();
    let mut ranks = Ranks { names: Vec::new(), columns: Vec::with_capacity(columns.len()) };
    for (column, rows) in columns.iter().enumerate() {
        let mut numbers = Vec::new();
        numbers.resize(rows.len(), NONE);
        ranks.columns.push(numbers);
        for row in 0..rows.len() {
            match rows.get(row) {
                None | Some([]) => {}
                Some(text) => texts.push((text, column, row)),
            }
        }
    }
    sort_by(&mut texts, |one, other| one.0 < other.0);
    for (text, column, row) in texts {
        if ranks.names.last() != Some(&text) {
            ranks.names.push(text);
        }
        ranks.columns[column][row] = ranks.names.len() as u32 - 1;
    }
    ranks
}

/// Two numbers as one that orders by the first, then by the second.
pub(crate) fn key(first: u32, second: u32) -> u64 {
    (first as u64) << 32 | second as u64
}

/// The two numbers of a [`key`].
pub(crate) fn parts(key: u64) -> (u32, u32) {
    ((key >> 32) as u32, key as u32)
}

/// The distinct keys in their order.
#[inline(never)]
pub(crate) fn set(mut keys: Vec<u64>) -> Vec<u64> {
    sort_by(&mut keys, |one, other| one < other);
    keys.dedup();
    keys
}

/// The keys of an ordered set whose first number is this.
#[inline(never)]
pub(crate) fn of(set: &[u64], first: u32) -> &[u64] {
    let from = set.partition_point(|&other| parts(other).0 < first);
    let rest = &set[from..];
    &rest[..rest.partition_point(|&other| parts(other).0 == first)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_all_columns_are_numbered_by_their_bytes() {
        let bytes = "b\u{ff5e}a\u{1f600}".as_bytes();
        let (left, right) = ([[0, 1], [4, 1], [0, crate::abi::NULL_LENGTH]], [[5, 4], [1, 3], [0, 0], [4, 1]]);
        let ranks = rank(&[Texts::new(&left, bytes), Texts::new(&right, bytes)]);
        assert_eq!(ranks.names, ["a".as_bytes(), b"b", "\u{ff5e}".as_bytes(), "\u{1f600}".as_bytes()]);
        assert_eq!(ranks.columns, [vec![1, 0, NONE], vec![3, 2, NONE, 0]]);
    }

    #[test]
    fn keys_of_a_first_number_stand_together() {
        let keys = set(vec![key(2, 1), key(1, 9), key(2, 0), key(2, 1), key(4, NONE)]);
        assert_eq!(keys.iter().map(|&key| parts(key)).collect::<Vec<_>>(), [(1, 9), (2, 0), (2, 1), (4, NONE)]);
        assert_eq!(of(&keys, 2), [key(2, 0), key(2, 1)]);
        assert!(of(&keys, 3).is_empty());
        assert_eq!(of(&keys, 4), [key(4, NONE)]);
    }
}
