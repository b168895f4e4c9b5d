//! The aggregate `plg_rollup_events`: what it would compute in a module are sums of integers.

use crate::aggregate::{Aggregate, State};
use crate::column::{TextColumn, set_null};
use crate::types::LogicalType;
use crate::vector::{Spans, Texts, Vector};
use libduckdb_sys as ffi;
use plg_udfs::error::path;
use plg_udfs::rollup::{Rollup, Rules, Scratch, View};
use plg_udfs::{Error, Result};
use std::sync::{Arc, Mutex, PoisonError};

/// Models that are kept compiled.
const KEPT: usize = 16;
/// Rows that take each step together.
const BATCH: usize = 64;

/// What the rows of a group have come to.
pub enum Group {
    /// The argument that is NULL in all of them.
    Null(&'static str),
    Rollup(Rollup),
}

/// `plg_rollup_events`.
pub struct RollupEvents;

impl Aggregate for RollupEvents {
    const NAME: &'static str = "rollup_events";
    type Group = Group;

    fn arguments() -> Vec<LogicalType> {
        let text = || LogicalType::simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_VARCHAR);
        let double = || LogicalType::simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_DOUBLE);
        // Any type, since DuckDB has no implicit cast between TIMESTAMP and TIMESTAMPTZ.
        let time = || LogicalType::simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_ANY);
        vec![text(), text(), time(), double(), text(), time()]
    }

    fn result() -> LogicalType {
        let simple = LogicalType::simple;
        LogicalType::list(&LogicalType::structure(&[
            ("user_id", simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_VARCHAR)),
            ("event", simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_VARCHAR)),
            ("occurred_at", simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_TIMESTAMP)),
            ("count", simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_DOUBLE)),
            ("max_per_hour", simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_DOUBLE)),
        ]))
    }

    unsafe fn update<'a>(chunk: ffi::duckdb_data_chunk, state: impl Fn(usize) -> &'a mut State<Group>) -> Result<()> {
        // SAFETY: the caller's promise.
        unsafe { update(chunk, state) }
    }

    fn combine(source: &State<Group>, target: &mut State<Group>) -> Result<()> {
        combine(source, target)
    }

    unsafe fn write<'a>(
        groups: impl Iterator<Item = Option<&'a Group>> + Clone,
        result: ffi::duckdb_vector,
        offset: usize,
    ) -> Result<()> {
        // SAFETY: the caller's promise.
        unsafe { write(groups, result, offset) }
    }
}

/// The view by the model of a text from a point in time, compiled when the text was not among the last ones.
fn view(text: &str, as_of: f64) -> Result<Arc<View>> {
    static COMPILED: Mutex<Vec<(Box<str>, Arc<View>)>> = Mutex::new(Vec::new());
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = compiled.iter().position(|(known, _)| **known == *text) {
        compiled[..=found].rotate_right(1);
        let (_, last) = &mut compiled[0];
        if !last.is_from(as_of) {
            *last = Arc::new(View::new(last.rules().clone(), as_of));
        }
        return Ok(last.clone());
    }
    let view = Arc::new(View::new(Arc::new(Rules::from_json("model", text)?), as_of));
    compiled.truncate(KEPT - 1);
    compiled.insert(0, (text.into(), view.clone()));
    Ok(view)
}

/// The points in time of a column, NaN for NULL.
fn times(vector: &Vector, rows: &Spans, name: &'static str) -> Result<Vec<f64>> {
    let mut times = vec![0.0; rows.len()];
    vector.timestamps(rows, f64::NAN, &mut times, |_| path(name))?;
    Ok(times)
}

/// Counts the rows of a chunk, each in the group that `state` finds.
///
/// # Safety
/// The chunk has the columns of the registered arguments.
unsafe fn update<'a>(chunk: ffi::duckdb_data_chunk, state: impl Fn(usize) -> &'a mut State<Group>) -> Result<()> {
    // SAFETY: the caller's promise.
    let column = |number| unsafe { Vector::of_any_type(ffi::duckdb_data_chunk_get_vector(chunk, number)) };
    let [users, events, occurred_at, counts, models, as_of] = [0, 1, 2, 3, 4, 5].map(column);
    // SAFETY: as above.
    let rows = Spans::all(unsafe { ffi::duckdb_data_chunk_get_size(chunk) } as usize);
    let (users, events) = (users.texts(&rows, |_| path("user_id"))?, events.texts(&rows, |_| path("event"))?);
    let (occurred_at, as_of) = (times(&occurred_at, &rows, "occurred_at")?, times(&as_of, &rows, "as_of")?);
    let mut count = vec![0.0; rows.len()];
    counts.numbers(&rows, 1.0, &mut count, |_| path("count"))?;
    let models = models.texts(&rows, |_| path("model"))?;
    let mut last: Option<(&[u8], Arc<View>)> = None;
    for first in (0..rows.len()).step_by(BATCH) {
        let batch = first..rows.len().min(first + BATCH);
        touch(batch.clone().map(|row| state(row).as_deref()));
        for row in batch {
            let (group, as_of) = (state(row), as_of[row]);
            let Some(model) = models.get(row).filter(|_| !as_of.is_nan()) else {
                absent(group, if models.get(row).is_none() { "model" } else { "as_of" })?;
                continue;
            };
            // A constant column repeats one text, which the pointer tells without reading it.
            let is_last = |(text, view): &(&[u8], Arc<View>)| {
                view.is_from(as_of) && (std::ptr::eq(*text, model) || *text == model)
            };
            let (_, view) = match &last {
                Some(known) if is_last(known) => known,
                // SAFETY: DuckDB's texts are UTF-8.
                _ => last.insert((model, view(unsafe { std::str::from_utf8_unchecked(model) }, as_of)?)),
            };
            match &mut **group.get_or_insert_with(|| Box::new(Group::Rollup(Rollup::new(view.clone())))) {
                Group::Null(argument) => return Err(differs(argument)),
                Group::Rollup(rollup) => {
                    rollup.check(view)?;
                    let event = view.rules().event(text(&events, row));
                    rollup.add(text(&users, row), event, occurred_at[row], count[row])?;
                }
            }
        }
    }
    Ok(())
}

/// Has the processor fetch what the groups will need, all at once.
fn touch<'a>(groups: impl Iterator<Item = Option<&'a Group>> + Clone) {
    let rollups = groups.filter_map(|group| match group {
        Some(Group::Rollup(rollup)) => Some(rollup),
        _ => None,
    });
    rollups.clone().for_each(Rollup::touch);
    rollups.for_each(Rollup::touch_lists);
}

fn text<'a>(texts: &'a Texts<'_>, row: usize) -> Option<&'a [u8]> {
    texts.get(row)
}

/// A row in which an argument is NULL that must be the same in all rows.
fn absent(group: &mut State<Group>, argument: &'static str) -> Result<()> {
    match group.get_or_insert_with(|| Box::new(Group::Null(argument))).as_ref() {
        Group::Null(_) => Ok(()),
        Group::Rollup(_) => Err(differs(argument)),
    }
}

fn differs(argument: &str) -> Error {
    Error::new(argument, "must be the same in all rows of a group")
}

/// Counts in `target` what `source` has counted.
fn combine(source: &State<Group>, target: &mut State<Group>) -> Result<()> {
    match (source.as_deref(), target.as_deref_mut()) {
        (None, _) => Ok(()),
        (Some(Group::Null(argument)), _) => absent(target, argument),
        (Some(Group::Rollup(rollup)), None) => {
            *target = Some(Box::new(Group::Rollup(rollup.clone())));
            Ok(())
        }
        (Some(Group::Rollup(_)), Some(Group::Null(argument))) => Err(differs(argument)),
        (Some(Group::Rollup(rollup)), Some(Group::Rollup(target))) => target.merge(rollup),
    }
}

/// Writes the rows of the groups to the entries of `result` from `offset` on: an empty list where no row came, NULL where
/// there was no model.
///
/// # Safety
/// `result` is a vector of the result with room for them.
unsafe fn write<'a>(
    groups: impl Iterator<Item = Option<&'a Group>> + Clone,
    result: ffi::duckdb_vector,
    offset: usize,
) -> Result<()> {
    // SAFETY: the caller's promise; the children are fetched after the list has grown, which moves them.
    unsafe {
        let mut filled = ffi::duckdb_list_vector_get_size(result) as usize;
        let most: usize = groups
            .clone()
            .map(|group| if let Some(Group::Rollup(rollup)) = group { rollup.most_rows() } else { 0 })
            .sum();
        ffi::duckdb_list_vector_reserve(result, (filled + most) as ffi::idx_t);
        let element = ffi::duckdb_list_vector_get_child(result);
        let field = |number| ffi::duckdb_struct_vector_get_child(element, number);
        let doubles = |number| ffi::duckdb_vector_get_data(field(number)).cast::<f64>();
        let (mut users, mut events) = (TextColumn::new(field(0)), TextColumn::new(field(1)));
        let (times, counts, most_per_hour) = (field(2), doubles(3), doubles(4));
        let microseconds = ffi::duckdb_vector_get_data(times).cast::<i64>();
        let lists = ffi::duckdb_vector_get_data(result).cast::<ffi::duckdb_list_entry>();
        let mut scratch = Scratch::default();
        for (entry, group) in (offset..).zip(groups) {
            let first = filled;
            match group {
                None => {}
                Some(Group::Rollup(rollup)) => rollup.each_row(&mut scratch, |row| {
                    users.write(filled, row.user_id);
                    events.write(filled, row.event);
                    match row.occurred_at.is_nan() {
                        true => set_null(times, filled),
                        false => microseconds.add(filled).write(row.occurred_at as i64),
                    }
                    counts.add(filled).write(row.count);
                    most_per_hour.add(filled).write(row.max_per_hour);
                    filled += 1;
                })?,
                Some(Group::Null(_)) => set_null(result, entry),
            }
            lists.add(entry).write(ffi::duckdb_list_entry { offset: first as u64, length: (filled - first) as u64 });
        }
        ffi::duckdb_list_vector_set_size(result, filled as ffi::idx_t);
    }
    Ok(())
}
