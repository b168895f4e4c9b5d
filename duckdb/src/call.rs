//! One call: the rows of a chunk that the function answers, document by document.

use crate::arguments::{self, Column};
use crate::frame::Frame;
use crate::instance::{self, Failure, Instance};
use crate::results::{Answer, Sink};
use crate::signature::Function;
use crate::vector::{Spans, Vector};
use libduckdb_sys as ffi;
use plg_udfs::Error;
use std::collections::HashMap;

/// Rows whose frame would be larger are answered in parts: linear memory never shrinks, and ends at 4 GiB.
const FRAME_BYTES: usize = 32 << 20;

/// Answers every row of `chunk` in `result`; the error is what the user sees.
///
/// # Safety
/// The chunk and the vector have the types that the function was registered with.
pub unsafe fn call(
    function: &'static Function,
    chunk: ffi::duckdb_data_chunk,
    result: ffi::duckdb_vector,
) -> Result<(), String> {
    // SAFETY: the caller's promise.
    let (count, columns, mut sink) = unsafe {
        let count = ffi::duckdb_data_chunk_get_size(chunk) as usize;
        (count, arguments::columns(function, chunk), Sink::new(result, &function.result))
    };
    let (answered, null) = split_nulls(function, &columns, count);
    let groups = match function.document() {
        None => vec![(None, answered)],
        Some((position, _)) => by_text(&columns[position].rows, &answered),
    };
    for (document, rows) in groups {
        if !rows.is_empty() {
            instance::with(function, document, |instance| {
                answer(function, instance, document, &columns, &rows, &mut sink)
            })
            .map_err(|failure| message(function, failure))?;
        }
    }
    null.iter().for_each(|row| sink.set_null(row));
    Ok(())
}

/// The rows that reach the function, and those whose result is NULL because an argument is.
fn split_nulls(function: &Function, columns: &[Column], count: usize) -> (Spans, Spans) {
    let strict = function.arguments.iter().zip(columns).filter(|(argument, _)| !argument.nullable);
    let vectors: Vec<&Vector> = strict.map(|(_, column)| &column.rows).filter(|rows| !rows.has_no_nulls()).collect();
    if vectors.is_empty() {
        return (Spans::all(count), Spans::default());
    }
    let (mut answered, mut null) = (Spans::default(), Spans::default());
    for row in 0..count {
        let rows = if vectors.iter().any(|vector| vector.is_null(row)) { &mut null } else { &mut answered };
        rows.push(row, 1);
    }
    (answered, null)
}

/// The rows by the text of their document, in the order in which the texts first occur.
fn by_text<'a>(documents: &'a Vector, rows: &Spans) -> Vec<(Option<&'a str>, Spans)> {
    let mut groups: Vec<(Option<&str>, Spans)> = Vec::new();
    let mut found: HashMap<&str, usize> = HashMap::new();
    let mut last: Option<(&str, usize)> = None;
    for row in rows.iter() {
        let text = documents.text(row);
        // A constant column repeats one text, which the pointer tells without reading it.
        let group = match last {
            Some((same, group)) if std::ptr::eq(same, text) || *same == *text => group,
            _ => *found.entry(text).or_insert_with(|| {
                groups.push((Some(text), Spans::default()));
                groups.len() - 1
            }),
        };
        groups[group].1.push(row, 1);
        last = Some((text, group));
    }
    groups
}

fn answer(
    function: &'static Function,
    instance: &mut Instance,
    source: Option<&str>,
    columns: &[Column],
    rows: &Spans,
    sink: &mut Sink,
) -> Result<(), Failure> {
    let refusal = |error: Error| Failure::Refusal(format!("plg.{}: {error}", function.name));
    let compiled = source.map(|text| instance.compile(function, text)).transpose()?;
    let document = compiled.as_deref();
    let arguments = columns.iter().map(|column| arguments::prepare(column, rows, document));
    let arguments = arguments.collect::<plg_udfs::Result<Vec<_>>>().map_err(refusal)?;
    let mut frame = Frame::new(rows.len());
    for argument in &arguments {
        arguments::pack(&mut frame, argument, rows, document);
    }
    let size = frame.size();
    if size > FRAME_BYTES && rows.len() > 1 {
        drop(frame);
        return rows.halves().iter().try_for_each(|half| answer(function, instance, source, columns, half, sink));
    }
    frame.write(instance.input(size)?).map_err(refusal)?;
    let output = instance.call(function)?;
    sink.write(&Answer { output, document, arguments: &arguments }, rows).map_err(|_| Failure::Trap)
}

fn message(function: &Function, failure: Failure) -> String {
    match failure {
        Failure::Refusal(message) => message,
        Failure::TooLarge => format!("plg.{}: the arguments are too large", function.name),
        Failure::Trap => format!("plg.{}: internal error in the module", function.name),
    }
}
