//! Work that the cores of the machine share.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// How many cores there are, one where nobody knows.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// What `work` makes of each item and its number, in the order of the items: a core takes one after the other.
pub fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(usize, &T) -> R + Sync) -> Vec<R> {
    let taken = AtomicUsize::new(0);
    let take = || -> Vec<(usize, R)> {
        let numbers = std::iter::from_fn(|| Some(taken.fetch_add(1, Ordering::Relaxed)));
        numbers.map_while(|number| Some((number, work(number, items.get(number)?)))).collect()
    };
    let mut results: Vec<(usize, R)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..cores()).map(|_| scope.spawn(take)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a worker reports and does not panic")).collect()
    });
    results.sort_by_key(|(number, _)| *number);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_items_whoever_took_them() {
        let items: Vec<u64> = (0..1000).rev().collect();
        let doubled = map(&items, |number, item| {
            thread::sleep(std::time::Duration::from_micros(item % 7));
            (number, item * 2)
        });
        assert_eq!(doubled, items.iter().map(|item| item * 2).enumerate().collect::<Vec<_>>());
        assert!(map(&[] as &[u64], |_, item| *item).is_empty());
    }
}
