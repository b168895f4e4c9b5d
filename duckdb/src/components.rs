//! The aggregate `plg_identity_components`: connected components of the links of a group, as `identity_merge` has them of a list.
//! A state holds the identifiers and no links, so a group may have any number of links.

use crate::aggregate::{Aggregate, State};
use crate::column::TextColumn;
use crate::types::LogicalType;
use crate::vector::{Spans, Vector};
use libduckdb_sys as ffi;
use plg_udfs::error::path;
use plg_udfs::{Error, Result};
use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use xxhash_rust::xxh3::Xxh3Default;

/// The identifiers of a group and how they hang together. Components are unique (`docs/semantics.md`, "Components"), so neither
/// the order of the links nor which thread sees them matters.
#[derive(Clone, Default)]
pub struct Group {
    numbers: HashMap<Box<[u8]>, u32, BuildHasherDefault<Xxh3Default>>,
    /// A forest: a node of each component is its own parent.
    parents: Vec<u32>,
}

impl Group {
    fn number(&mut self, identifier: &[u8]) -> Result<u32> {
        if let Some(&number) = self.numbers.get(identifier) {
            return Ok(number);
        }
        let number = u32::try_from(self.parents.len())
            .map_err(|_| Error::new("id_a", "must not have more than 2^32 identifiers in a group"))?;
        self.numbers.insert(identifier.into(), number);
        self.parents.push(number);
        Ok(number)
    }

    fn link(&mut self, left: u32, right: u32) {
        let (left, right) = (find(&mut self.parents, left), find(&mut self.parents, right));
        self.parents[left.max(right) as usize] = left.min(right);
    }
}

/// The root of a node. Every other node on the way skips its parent.
fn find(parents: &mut [u32], mut node: u32) -> u32 {
    loop {
        let parent = parents[node as usize];
        if parent == node {
            return node;
        }
        let grandparent = parents[parent as usize];
        parents[node as usize] = grandparent;
        node = grandparent;
    }
}

/// `plg_identity_components`.
pub struct IdentityComponents;

impl Aggregate for IdentityComponents {
    const NAME: &'static str = "identity_components";
    type Group = Group;

    fn arguments() -> Vec<LogicalType> {
        vec![
            LogicalType::simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_VARCHAR),
            LogicalType::simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_VARCHAR),
        ]
    }

    fn result() -> LogicalType {
        LogicalType::list(&LogicalType::structure(&[
            ("identifier", LogicalType::simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_VARCHAR)),
            ("canonical_id", LogicalType::simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_VARCHAR)),
        ]))
    }

    unsafe fn update<'a>(chunk: ffi::duckdb_data_chunk, state: impl Fn(usize) -> &'a mut State<Group>) -> Result<()> {
        // SAFETY: the caller's promise.
        let column = |number| unsafe { Vector::of_any_type(ffi::duckdb_data_chunk_get_vector(chunk, number)) };
        let (id_a, id_b) = (column(0), column(1));
        // SAFETY: as above.
        let rows = Spans::all(unsafe { ffi::duckdb_data_chunk_get_size(chunk) } as usize);
        let (id_a, id_b) = (id_a.texts(&rows, |_| path("id_a"))?, id_b.texts(&rows, |_| path("id_b"))?);
        for row in 0..rows.len() {
            let group = state(row).get_or_insert_default();
            let left = id_a.get(row).map(|id| group.number(id)).transpose()?;
            let right = id_b.get(row).map(|id| group.number(id)).transpose()?;
            if let (Some(left), Some(right)) = (left, right) {
                group.link(left, right);
            }
        }
        Ok(())
    }

    fn combine(source: &State<Group>, target: &mut State<Group>) -> Result<()> {
        let Some(source) = source else { return Ok(()) };
        let Some(target) = target else {
            *target = Some(source.clone());
            return Ok(());
        };
        let mut numbers = vec![0; source.parents.len()];
        for (identifier, &number) in &source.numbers {
            numbers[number as usize] = target.number(identifier)?;
        }
        for (node, &parent) in source.parents.iter().enumerate() {
            target.link(numbers[node], numbers[parent as usize]);
        }
        Ok(())
    }

    unsafe fn write<'a>(
        groups: impl Iterator<Item = Option<&'a Group>> + Clone,
        result: ffi::duckdb_vector,
        offset: usize,
    ) -> Result<()> {
        // SAFETY: the caller's promise; the children are fetched after the list has grown, which moves them.
        unsafe {
            let mut filled = ffi::duckdb_list_vector_get_size(result) as usize;
            let most: usize = groups.clone().flatten().map(|group| group.parents.len()).sum();
            ffi::duckdb_list_vector_reserve(result, (filled + most) as ffi::idx_t);
            let element = ffi::duckdb_list_vector_get_child(result);
            let field = |number| ffi::duckdb_struct_vector_get_child(element, number);
            let (mut identifiers, mut canonical_ids) = (TextColumn::new(field(0)), TextColumn::new(field(1)));
            let lists = ffi::duckdb_vector_get_data(result).cast::<ffi::duckdb_list_entry>();
            for (entry, group) in (offset..).zip(groups) {
                let first = filled;
                if let Some(group) = group {
                    let mut nodes: Vec<(&'a [u8], u32)> =
                        group.numbers.iter().map(|(identifier, &number)| (&**identifier, number)).collect();
                    nodes.sort_unstable();
                    let mut parents = group.parents.clone();
                    // Identifiers come in order: the first of a component is its smallest.
                    let mut smallest: Vec<Option<&[u8]>> = vec![None; parents.len()];
                    for (identifier, number) in nodes {
                        let root = find(&mut parents, number) as usize;
                        identifiers.write(filled, Some(identifier));
                        canonical_ids.write(filled, Some(smallest[root].get_or_insert(identifier)));
                        filled += 1;
                    }
                }
                lists
                    .add(entry)
                    .write(ffi::duckdb_list_entry { offset: first as u64, length: (filled - first) as u64 });
            }
            ffi::duckdb_list_vector_set_size(result, filled as ffi::idx_t);
        }
        Ok(())
    }
}
