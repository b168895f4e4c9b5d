//! A stable merge sort. The standard library's sorts cost a module 13 KB; this one is a few hundred bytes per use.

use alloc::vec::Vec;

/// Runs up to this length are sorted by insertion, which wins on short input and on nearly sorted input.
const RUN: usize = 12;

/// Sorts `items` so that for no neighbours `less(right, left)` holds; equal items keep their order.
///
/// ```
/// let mut items = [3, 1, 2];
/// plg_udfs::sort::sort_by(&mut items, |a, b| a < b);
/// assert_eq!(items, [1, 2, 3]);
/// ```
#[inline(never)]
pub fn sort_by<T: Copy>(items: &mut [T], less: impl Fn(&T, &T) -> bool) {
    if items.windows(2).all(|pair| !less(&pair[1], &pair[0])) {
        return;
    }
    for run in items.chunks_mut(RUN) {
        for end in 1..run.len() {
            let item = run[end];
            let mut place = end;
            while place > 0 && less(&item, &run[place - 1]) {
                run[place] = run[place - 1];
                place -= 1;
            }
            run[place] = item;
        }
    }
    if items.len() <= RUN {
        return;
    }
    let mut other = Vec::from(&*items);
    // Each pass merges pairs of runs from one place into the other. To copy them back every time cost a tenth of resolving
    // identities, since WebAssembly copies word by word.
    let (mut from, mut to) = (items, &mut other[..]);
    let (mut width, mut is_back) = (RUN, true);
    while width < from.len() {
        for start in (0..from.len()).step_by(2 * width) {
            let middle = (start + width).min(from.len());
            let end = (start + 2 * width).min(from.len());
            merge(&from[start..middle], &from[middle..end], &mut to[start..end], &less);
        }
        core::mem::swap(&mut from, &mut to);
        width *= 2;
        is_back = !is_back;
    }
    if !is_back {
        to.copy_from_slice(from);
    }
}

/// Sorts `items` as [`sort_by`] does, in a third of the code, without memory, and slower; equal items end in any order.
///
/// ```
/// let mut items = [3, 1, 2];
/// plg_udfs::sort::heap_sort_by(&mut items, |a, b| a < b);
/// assert_eq!(items, [1, 2, 3]);
/// ```
#[inline(never)]
pub fn heap_sort_by<T: Copy>(items: &mut [T], less: impl Fn(&T, &T) -> bool) {
    // The heap is built from the last parent on; then the greatest of what is left goes to the end, again and again.
    let (mut parents, mut end) = (items.len() / 2, items.len());
    while end > 1 {
        if parents > 0 {
            parents -= 1;
        } else {
            end -= 1;
            items.swap(0, end);
        }
        let mut parent = parents;
        loop {
            let mut child = 2 * parent + 1;
            if child >= end {
                break;
            }
            if child + 1 < end && less(&items[child], &items[child + 1]) {
                child += 1;
            }
            if !less(&items[parent], &items[child]) {
                break;
            }
            items.swap(parent, child);
            parent = child;
        }
    }
}

fn merge<T: Copy>(left: &[T], right: &[T], merged: &mut [T], less: impl Fn(&T, &T) -> bool) {
    let (mut l, mut r) = (0, 0);
    for slot in merged {
        let take_right = l == left.len() || (r < right.len() && less(&right[r], &left[l]));
        *slot = if take_right { right[r] } else { left[l] };
        if take_right { r += 1 } else { l += 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::{heap_sort_by, sort_by};
    use alloc::vec::Vec;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_the_standard_stable_sort(keys in prop::collection::vec(0u8..20, 0..300)) {
            let mut ours: Vec<(u8, usize)> = keys.iter().copied().enumerate().map(|(i, k)| (k, i)).collect();
            let mut theirs = ours.clone();
            sort_by(&mut ours, |a, b| a.0 < b.0);
            theirs.sort_by_key(|item| item.0);
            prop_assert_eq!(ours, theirs);
        }

        #[test]
        fn heap_sort_agrees_with_the_standard_sort(keys in prop::collection::vec(0u8..20, 0..300)) {
            let (mut ours, mut theirs) = (keys.clone(), keys);
            heap_sort_by(&mut ours, |a, b| a < b);
            theirs.sort();
            prop_assert_eq!(ours, theirs);
        }
    }
}
