//! Clusters that grow link by link and never beyond the guardrails.

use super::settings::{Reason, Settings};
use alloc::vec;
use alloc::vec::Vec;

/// A union-find forest over identifiers, which are numbers, with how many identifiers of each type a cluster has.
pub(super) struct Forest<'a> {
    settings: &'a Settings,
    parents: Vec<u32>,
    /// By root.
    sizes: Vec<u32>,
    /// By root, then by type.
    counts: Vec<u32>,
}

impl<'a> Forest<'a> {
    /// Every identifier alone, each with its type.
    pub fn new(types: impl ExactSizeIterator<Item = u32>, settings: &'a Settings) -> Self {
        let size = types.len();
        let mut counts = vec![0; size * settings.types()];
        for (node, code) in types.enumerate() {
            if let Some(count) = counts.get_mut(node * settings.types() + code as usize) {
                *count = 1;
            }
        }
        Forest { settings, parents: (0..size as u32).collect(), sizes: vec![1; size], counts }
    }

    /// The identifier that stands for the cluster of `node`.
    pub fn root(&mut self, mut node: u32) -> u32 {
        loop {
            let parent = self.parents[node as usize];
            if parent == node {
                return node;
            }
            // Path halving: every other identifier on the way skips its parent.
            let grandparent = self.parents[parent as usize];
            self.parents[node as usize] = grandparent;
            node = grandparent;
        }
    }

    /// Makes one cluster of two, or says which guardrail would break, with the type that there would be too many of.
    pub fn join(&mut self, left: u32, right: u32) -> Option<(Reason, Option<u32>)> {
        let (left, right) = (self.root(left), self.root(right));
        if left == right {
            return None;
        }
        let (large, small) =
            if self.sizes[left as usize] >= self.sizes[right as usize] { (left, right) } else { (right, left) };
        let types = self.settings.types();
        let (large_counts, small_counts) = (large as usize * types, small as usize * types);
        let size = self.sizes[large as usize] + self.sizes[small as usize];
        let counts = (0..types).map(|code| self.counts[large_counts + code] + self.counts[small_counts + code]);
        let broken = self.settings.broken(counts, size);
        if broken.is_none() {
            self.parents[small as usize] = large;
            self.sizes[large as usize] = size;
            for code in 0..types {
                self.counts[large_counts + code] += self.counts[small_counts + code];
            }
        }
        broken
    }
}
