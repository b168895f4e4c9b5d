//! The states of `plg_rollup_events`: reading DuckDB's rows into them, and writing them as lists of structs.

use crate::types::LogicalType;
use crate::vector::{Spans, Texts, Vector};
use libduckdb_sys as ffi;
use plg_udfs::error::path;
use plg_udfs::rollup::{Rollup, Row, Rules};
use plg_udfs::{Error, Result};
use std::sync::{Arc, Mutex, PoisonError};

/// Models that are kept compiled.
const KEPT: usize = 16;
/// Rows that take each step together.
const BATCH: usize = 64;
/// DuckDB keeps texts up to here inside the entry.
const INLINE_TEXT: usize = 12;

/// What the rows of a group have come to.
pub enum Group {
    /// The argument that is NULL in all of them.
    Null(&'static str),
    Rollup(Rollup),
}

/// The SQL type of the result.
pub fn result_type() -> LogicalType {
    let simple = LogicalType::simple;
    LogicalType::list(&LogicalType::structure(&[
        ("user_id", simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_VARCHAR)),
        ("event", simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_VARCHAR)),
        ("occurred_at", simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_TIMESTAMP)),
        ("count", simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_DOUBLE)),
        ("max_per_hour", simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_DOUBLE)),
    ]))
}

/// The model of a text, compiled when it was not among the last ones.
fn rules(text: &str) -> Result<Arc<Rules>> {
    static COMPILED: Mutex<Vec<(Box<str>, Arc<Rules>)>> = Mutex::new(Vec::new());
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = compiled.iter().position(|(known, _)| **known == *text) {
        compiled[..=found].rotate_right(1);
        return Ok(compiled[0].1.clone());
    }
    let rules = Arc::new(Rules::from_json("model", text)?);
    compiled.truncate(KEPT - 1);
    compiled.insert(0, (text.into(), rules.clone()));
    Ok(rules)
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
pub unsafe fn update<'a>(
    chunk: ffi::duckdb_data_chunk,
    state: impl Fn(usize) -> &'a mut Option<Box<Group>>,
) -> Result<()> {
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
    let mut last: Option<(&[u8], Arc<Rules>)> = None;
    for first in (0..rows.len()).step_by(BATCH) {
        let batch = first..rows.len().min(first + BATCH);
        for row in batch.clone() {
            if let Some(Group::Rollup(rollup)) = state(row).as_deref() {
                rollup.touch();
            }
        }
        let mut placed = [None; BATCH];
        for row in batch.clone() {
            let (group, as_of) = (state(row), as_of[row]);
            let Some(model) = models.get(row).filter(|_| !as_of.is_nan()) else {
                absent(group, if models.get(row).is_none() { "model" } else { "as_of" })?;
                continue;
            };
            // A constant column repeats one text, which the pointer tells without reading it.
            let known = last.take().filter(|(text, _)| std::ptr::eq(*text, model) || *text == model);
            let (_, rules) = last.insert(match known {
                Some(known) => known,
                // SAFETY: DuckDB's texts are UTF-8.
                None => (model, rules(unsafe { std::str::from_utf8_unchecked(model) })?),
            });
            let group = group.get_or_insert_with(|| Box::new(Group::Rollup(Rollup::new(rules.clone(), as_of))));
            match &mut **group {
                Group::Null(argument) => return Err(differs(argument)),
                Group::Rollup(rollup) => {
                    rollup.check(rules, as_of)?;
                    let (user, event) = (text(&users, row), text(&events, row));
                    placed[row - first] = Some(rollup.place(user, event, occurred_at[row], count[row])?);
                }
            }
        }
        for (row, placed) in batch.zip(&placed) {
            if let (Some(placed), Some(Group::Rollup(rollup))) = (placed, state(row).as_deref_mut()) {
                rollup.count(placed)?;
            }
        }
    }
    Ok(())
}

fn text<'a>(texts: &'a Texts<'_>, row: usize) -> Option<&'a [u8]> {
    texts.get(row)
}

/// A row in which an argument is NULL that must be the same in all rows.
fn absent(group: &mut Option<Box<Group>>, argument: &'static str) -> Result<()> {
    match group.get_or_insert_with(|| Box::new(Group::Null(argument))).as_ref() {
        Group::Null(_) => Ok(()),
        Group::Rollup(_) => Err(differs(argument)),
    }
}

fn differs(argument: &str) -> Error {
    Error::new(argument, "must be the same in all rows of a group")
}

/// Counts in `target` what `source` has counted.
pub fn combine(source: &Option<Box<Group>>, target: &mut Option<Box<Group>>) -> Result<()> {
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
/// `result` is a vector of [`result_type`] with room for them.
pub unsafe fn write<'a>(
    groups: impl Iterator<Item = Option<&'a Group>>,
    result: ffi::duckdb_vector,
    offset: usize,
) -> Result<()> {
    // SAFETY: the caller's promise; the children are fetched after the list has grown, which moves them.
    unsafe {
        let mut rows = Vec::new();
        let mut filled = ffi::duckdb_list_vector_get_size(result) as usize;
        let first = filled;
        for (entry, group) in (offset..).zip(groups) {
            let of_group = match group {
                None => Vec::new(),
                Some(Group::Rollup(rollup)) => rollup.rows()?,
                Some(Group::Null(_)) => {
                    set_null(result, entry);
                    Vec::new()
                }
            };
            let list = ffi::duckdb_list_entry { offset: filled as u64, length: of_group.len() as u64 };
            ffi::duckdb_vector_get_data(result).cast::<ffi::duckdb_list_entry>().add(entry).write(list);
            filled += of_group.len();
            rows.extend(of_group);
        }
        ffi::duckdb_list_vector_reserve(result, filled as ffi::idx_t);
        ffi::duckdb_list_vector_set_size(result, filled as ffi::idx_t);
        let element = ffi::duckdb_list_vector_get_child(result);
        let field = |number| ffi::duckdb_struct_vector_get_child(element, number);
        write_texts(field(0), first, &rows, |row| row.user_id);
        write_texts(field(1), first, &rows, |row| row.event);
        let times = field(2);
        for (entry, row) in (first..).zip(&rows) {
            match row.occurred_at.is_nan() {
                true => set_null(times, entry),
                false => ffi::duckdb_vector_get_data(times).cast::<i64>().add(entry).write(row.occurred_at as i64),
            }
        }
        for (number, value) in [(3, (|row| row.count) as fn(&Row<'_>) -> f64), (4, |row| row.max_per_hour)] {
            let data = ffi::duckdb_vector_get_data(field(number)).cast::<f64>();
            (first..).zip(&rows).for_each(|(entry, row)| data.add(entry).write(value(row)));
        }
    }
    Ok(())
}

/// Writes a column of texts; one that repeats refers to the bytes of the one before.
///
/// # Safety
/// `vector` is one of texts with an entry for every row from `first` on.
unsafe fn write_texts<'a>(
    vector: ffi::duckdb_vector,
    first: usize,
    rows: &[Row<'a>],
    text: impl Fn(&Row<'a>) -> Option<&'a [u8]>,
) {
    // SAFETY: the caller's promise; an entry is 16 bytes, and what it points to belongs to the vector.
    unsafe {
        let entries = ffi::duckdb_vector_get_data(vector).cast::<[u8; 16]>();
        let mut last: Option<&[u8]> = None;
        for (entry, row) in (first..).zip(rows) {
            let Some(text) = text(row) else {
                set_null(vector, entry);
                last = None;
                continue;
            };
            if last == Some(text) && text.len() > INLINE_TEXT {
                entries.add(entry).write(entries.add(entry - 1).read());
            } else {
                let length = text.len() as ffi::idx_t;
                ffi::duckdb_vector_assign_string_element_len(vector, entry as ffi::idx_t, text.as_ptr().cast(), length);
            }
            last = Some(text);
        }
    }
}

/// # Safety
/// The vector has the entry.
unsafe fn set_null(vector: ffi::duckdb_vector, entry: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        ffi::duckdb_vector_ensure_validity_writable(vector);
        ffi::duckdb_validity_set_row_invalid(ffi::duckdb_vector_get_validity(vector), entry as ffi::idx_t);
    }
}
