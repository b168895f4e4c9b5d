//! The aggregate `plg_link_components`, DuckDB's way to components of hundreds of millions of links: it takes links numbered from
//! 0 on and gives the component of each, in the order of the numbers, so that no table of identifiers has to be built, sorted or
//! joined. What is kept are fingerprints of identifiers, 16 bytes for each side of a link.
//!
//! Sides go to partitions by their fingerprints, so that numbering the identifiers of one stays in the processor's cache; then a
//! forest over these numbers takes the links in.

use crate::aggregate::{Aggregate, State};
use crate::column::set_null;
use crate::types::LogicalType;
use crate::vector::{Spans, Vector};
use libduckdb_sys as ffi;
use plg_udfs::error::path;
use plg_udfs::{Error, Result};
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_128;

const PARTITIONS: usize = 256;
/// Links that a thread takes in before it seals them.
const BLOCK: usize = 1 << 18;
/// A side has a place of 31 bits, and a bit is needed beside it.
const MAX_LINKS: usize = 1 << 30;
/// Beside the number of an identifier: this side stands for it in the table of identifiers.
const LISTED: u32 = 1 << 31;
/// Beside the number of a link: this is no parent but the component of the identifiers below.
const COMPONENT: u32 = 1 << 31;
/// Links ahead that the processor is asked to fetch.
const AHEAD: usize = 16;

/// One side of a link: its identifier's fingerprint, 104 bits with the eight that name the partition, and its place, twice the
/// number of the link and 1 more for the right one. Among ten billion identifiers two share one with a probability of 10^-12.
#[derive(Clone, Copy)]
struct Side {
    low: u64,
    high: u32,
    place: u32,
}

/// Links of one thread.
#[derive(Clone)]
struct Block {
    links: usize,
    partitions: Vec<Vec<Side>>,
}

impl Block {
    fn new() -> Self {
        Block { links: 0, partitions: vec![Vec::new(); PARTITIONS] }
    }

    #[inline]
    fn add(&mut self, identifier: &[u8], place: u32) {
        let hash = xxh3_128(identifier);
        let side = Side { low: hash as u64, high: (hash >> 64) as u32, place };
        self.partitions[(hash >> 120) as usize].push(side);
    }
}

/// The links of a group. What is sealed is shared and not copied when groups are combined.
#[derive(Clone)]
pub struct Group {
    sealed: Vec<Arc<Block>>,
    open: Block,
    links: usize,
    /// The greatest number of a link.
    last: usize,
}

impl Group {
    fn new() -> Self {
        Group { sealed: Vec::new(), open: Block::new(), links: 0, last: 0 }
    }

    /// The blocks, and one without links at most.
    fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.sealed.iter().map(|block| &**block).chain([&self.open])
    }

    fn components(&self) -> Result<Components> {
        if self.links != self.last + 1 {
            return Err(misnumbered());
        }
        // Nobody has the number 0.
        let mut identifiers = vec![0; 2 * self.links];
        let (mut count, mut table, mut known) = (0, Vec::new(), Vec::new());
        for partition in 0..PARTITIONS {
            let sides: usize = self.blocks().map(|block| block.partitions[partition].len()).sum();
            table.clear();
            table.resize((sides + sides / 2).next_power_of_two().max(16), 0u32);
            known.clear();
            for side in self.blocks().flat_map(|block| &block.partitions[partition]) {
                let (number, is_new) = number(&mut table, &mut known, side);
                let place = &mut identifiers[side.place as usize];
                if *place != 0 {
                    return Err(misnumbered());
                }
                *place = (count + number) | if is_new { LISTED } else { 0 };
            }
            count += known.len() as u32;
        }
        Ok(Components { parents: forest(&identifiers, count as usize + 1), identifiers })
    }
}

/// The number of a side's identifier in its partition, from 1 on, and whether it is new there.
#[inline]
fn number(table: &mut [u32], known: &mut Vec<(u64, u32)>, side: &Side) -> (u32, bool) {
    let mask = table.len() - 1;
    let mut slot = side.low as usize & mask;
    loop {
        match table[slot] {
            0 => {
                known.push((side.low, side.high));
                table[slot] = known.len() as u32;
                return (known.len() as u32, true);
            }
            number if known[number as usize - 1] == (side.low, side.high) => return (number, false),
            _ => slot = (slot + 1) & mask,
        }
    }
}

fn misnumbered() -> Error {
    Error::new("row", "must number the links from 0 on, each number once")
}

/// Takes all links into a forest of identifiers. Numbers follow fingerprints, so hanging the greater root below the smaller one is
/// linking in a random order, which keeps paths short without counting sizes.
fn forest(identifiers: &[u32], nodes: usize) -> Vec<u32> {
    let mut parents: Vec<u32> = (0..nodes as u32).collect();
    let links = identifiers.len() / 2;
    for link in 0..links {
        if link + AHEAD < links {
            // Reading has the processor fetch what will be needed, without waiting for it.
            let ahead = 2 * (link + AHEAD);
            std::hint::black_box(parents[(identifiers[ahead] & !LISTED) as usize]);
            std::hint::black_box(parents[(identifiers[ahead + 1] & !LISTED) as usize]);
        }
        let (left, right) = (identifiers[2 * link] & !LISTED, identifiers[2 * link + 1] & !LISTED);
        if left != 0 && right != 0 {
            let (left, right) = (find(&mut parents, left), find(&mut parents, right));
            parents[left.max(right) as usize] = left.min(right);
        }
    }
    parents
}

/// The root of an identifier. Every other one on the way skips its parent.
#[inline]
fn find(parents: &mut [u32], mut node: u32) -> u32 {
    loop {
        let parent = parents[node as usize];
        if parent == node || parent & COMPONENT != 0 {
            return node;
        }
        let grandparent = parents[parent as usize];
        if grandparent & COMPONENT != 0 {
            return parent;
        }
        parents[node as usize] = grandparent;
        node = grandparent;
    }
}

/// Which identifiers belong together.
struct Components {
    /// The identifier of each side of each link, 0 for NULL.
    identifiers: Vec<u32>,
    parents: Vec<u32>,
}

impl Components {
    /// The component of the next link: the number of the first link in it. Links must be asked for in order.
    #[inline]
    fn of(&mut self, link: usize) -> Option<u32> {
        let identifier = self.identifiers[2 * link..2 * link + 2].iter().map(|side| side & !LISTED).max()?;
        if identifier == 0 {
            return None;
        }
        let root = find(&mut self.parents, identifier);
        let component = &mut self.parents[root as usize];
        if *component & COMPONENT == 0 {
            *component = COMPONENT | link as u32;
        }
        Some(*component & !COMPONENT)
    }

    /// Whether the left and the right side stand for their identifiers: every identifier has exactly one such side.
    #[inline]
    fn listed(&self, link: usize) -> [bool; 2] {
        [self.identifiers[2 * link], self.identifiers[2 * link + 1]].map(|side| side & LISTED != 0)
    }
}

/// `plg_link_components`.
pub struct LinkComponents;

impl Aggregate for LinkComponents {
    const NAME: &'static str = "link_components";
    type Group = Group;

    fn arguments() -> Vec<LogicalType> {
        let text = || LogicalType::simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_VARCHAR);
        vec![LogicalType::simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_BIGINT), text(), text()]
    }

    fn result() -> LogicalType {
        LogicalType::list(&LogicalType::structure(&[
            ("component", LogicalType::simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_BIGINT)),
            ("lists_a", LogicalType::simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_BOOLEAN)),
            ("lists_b", LogicalType::simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_BOOLEAN)),
        ]))
    }

    unsafe fn update<'a>(chunk: ffi::duckdb_data_chunk, state: impl Fn(usize) -> &'a mut State<Group>) -> Result<()> {
        // SAFETY: the caller's promise.
        let column = |number| unsafe { Vector::of_any_type(ffi::duckdb_data_chunk_get_vector(chunk, number)) };
        let (numbers, id_a, id_b) = (column(0), column(1), column(2));
        // SAFETY: as above.
        let rows = Spans::all(unsafe { ffi::duckdb_data_chunk_get_size(chunk) } as usize);
        let (id_a, id_b) = (id_a.texts(&rows, |_| path("id_a"))?, id_b.texts(&rows, |_| path("id_b"))?);
        // SAFETY: a vector of BIGINT.
        let values = unsafe { ffi::duckdb_vector_get_data(numbers.raw()) }.cast::<i64>();
        for row in 0..rows.len() {
            if numbers.is_null(row) {
                return Err(misnumbered());
            }
            // SAFETY: an entry for each row.
            let number = unsafe { values.add(row).read() };
            let number = usize::try_from(number).map_err(|_| misnumbered())?;
            if number >= MAX_LINKS {
                return Err(Error::new("row", "must be below 2^30"));
            }
            let group = state(row).get_or_insert_with(|| Box::new(Group::new()));
            group.links += 1;
            group.last = group.last.max(number);
            if let Some(id) = id_a.get(row) {
                group.open.add(id, 2 * number as u32);
            }
            if let Some(id) = id_b.get(row) {
                group.open.add(id, 2 * number as u32 + 1);
            }
            group.open.links += 1;
            if group.open.links == BLOCK {
                group.sealed.push(Arc::new(std::mem::replace(&mut group.open, Block::new())));
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
        target.sealed.extend(source.sealed.iter().cloned());
        if source.open.links > 0 {
            target.sealed.push(Arc::new(source.open.clone()));
        }
        target.links += source.links;
        target.last = target.last.max(source.last);
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
            for (entry, group) in (offset..).zip(groups) {
                let first = filled;
                if let Some(group) = group {
                    let mut components = group.components()?;
                    ffi::duckdb_list_vector_reserve(result, (filled + group.links) as ffi::idx_t);
                    let element = ffi::duckdb_list_vector_get_child(result);
                    let field = |number| ffi::duckdb_struct_vector_get_child(element, number);
                    let data = |number| ffi::duckdb_vector_get_data(field(number));
                    let (numbers, lists_a, lists_b) =
                        (data(0).cast::<i64>(), data(1).cast::<bool>(), data(2).cast::<bool>());
                    for link in 0..group.links {
                        match components.of(link) {
                            Some(component) => numbers.add(filled).write(component.into()),
                            None => set_null(field(0), filled),
                        }
                        let [is_a, is_b] = components.listed(link);
                        lists_a.add(filled).write(is_a);
                        lists_b.add(filled).write(is_b);
                        filled += 1;
                    }
                }
                let lists = ffi::duckdb_vector_get_data(result).cast::<ffi::duckdb_list_entry>();
                lists
                    .add(entry)
                    .write(ffi::duckdb_list_entry { offset: first as u64, length: (filled - first) as u64 });
            }
            ffi::duckdb_list_vector_set_size(result, filled as ffi::idx_t);
        }
        Ok(())
    }
}
