//! Which data of a module nothing refers to any more, found in the relocations that the linker leaves on request.

use std::ops::Range;

use anyhow::{Context, Result, ensure};
use wasmparser::{KnownCustom, Linking, Parser, Payload, RelocationEntry, RelocationType, SymbolInfo};

/// The address of data, as code or other data refers to it.
const ADDRESSES: [RelocationType; 3] =
    [RelocationType::MemoryAddrLeb, RelocationType::MemoryAddrSleb, RelocationType::MemoryAddrI32];

/// A named piece of a data segment.
struct Symbol {
    segment: usize,
    range: Range<usize>,
}

#[derive(Default)]
struct Layout {
    /// Where each function's body lies in the code section, by the functions' order.
    functions: Vec<Range<usize>>,
    /// Where each segment's bytes lie in the data section.
    segments: Vec<Range<usize>>,
    /// By index in the symbol table; those that are no data are none.
    symbols: Vec<Option<Symbol>>,
    /// Offsets are those in the section.
    in_code: Vec<RelocationEntry>,
    in_data: Vec<RelocationEntry>,
}

/// Per data segment, the ranges to which no function but the `dead` ones refers, be it by way of other data.
///
/// # Errors
/// If the module has data and no relocations, or they point nowhere.
pub fn unused(module: &[u8], dead: &[bool]) -> Result<Vec<Vec<Range<usize>>>> {
    let layout = layout(module)?;
    let mut live = vec![false; layout.symbols.len()];
    let mut pending = Vec::new();
    for entry in &layout.in_code {
        let offset = entry.offset as usize;
        let function = layout.functions.partition_point(|body| body.end <= offset);
        let inside = layout.functions.get(function).is_some_and(|body| body.contains(&offset));
        ensure!(inside, "a relocation lies outside the functions");
        if !dead[function] {
            pending.push(entry);
        }
    }
    while let Some(entry) = pending.pop() {
        if !ADDRESSES.contains(&entry.ty) {
            continue;
        }
        let index = entry.index as usize;
        let symbol = layout.symbols.get(index).and_then(Option::as_ref);
        // A symbol without place is one that the linker defines, such as the end of the data.
        let Some(symbol) = symbol else { continue };
        if std::mem::replace(&mut live[index], true) {
            continue;
        }
        let segment = layout.segments.get(symbol.segment).context("a symbol lies in no segment")?;
        let place = segment.start + symbol.range.start..segment.start + symbol.range.end;
        pending.extend(layout.in_data.iter().filter(|entry| place.contains(&(entry.offset as usize))));
    }
    let segments = layout.segments.iter().enumerate();
    Ok(segments.map(|(number, segment)| gaps(&layout.symbols, &live, number, segment.len())).collect())
}

/// What no live symbol of a segment covers.
fn gaps(symbols: &[Option<Symbol>], live: &[bool], segment: usize, length: usize) -> Vec<Range<usize>> {
    let used = symbols.iter().zip(live).filter(|&(_, &live)| live).filter_map(|(symbol, _)| symbol.as_ref());
    let mut used: Vec<Range<usize>> =
        used.filter(|symbol| symbol.segment == segment).map(|symbol| symbol.range.clone()).collect();
    used.sort_by_key(|range| range.start);
    let mut gaps = Vec::new();
    let mut end = 0;
    for range in used {
        if range.start > end {
            gaps.push(end..range.start);
        }
        end = end.max(range.end);
    }
    if end < length {
        gaps.push(end..length);
    }
    gaps
}

fn layout(module: &[u8]) -> Result<Layout> {
    let mut layout = Layout::default();
    let (mut code_start, mut data_start, mut sections) = (0, 0, Vec::new());
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        // Relocations name the section that they are for by its number.
        if let Some((_, range)) = payload.as_section() {
            sections.push(range.start);
        }
        match payload {
            Payload::CodeSectionStart { range, .. } => code_start = range.start,
            Payload::CodeSectionEntry(body) => {
                let range = body.range();
                layout.functions.push(range.start - code_start..range.end - code_start);
            }
            Payload::DataSection(section) => {
                data_start = section.range().start;
                for segment in section {
                    let segment = segment?;
                    let end = segment.range.end - data_start;
                    layout.segments.push(end - segment.data.len()..end);
                }
            }
            Payload::CustomSection(section) => match section.as_known() {
                KnownCustom::Linking(linking) => {
                    for subsection in linking {
                        let Linking::SymbolTable(symbols) = subsection? else { continue };
                        for symbol in symbols {
                            layout.symbols.push(place(&symbol?));
                        }
                    }
                }
                KnownCustom::Reloc(section) => {
                    let target = sections.get(section.section_index() as usize).copied();
                    let entries = match target {
                        Some(start) if start == code_start => &mut layout.in_code,
                        Some(start) if start == data_start => &mut layout.in_data,
                        _ => continue,
                    };
                    for entry in section.entries() {
                        entries.push(entry?);
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }
    ensure!(layout.segments.is_empty() || !layout.symbols.is_empty(), "the linker left no relocations");
    Ok(layout)
}

fn place(symbol: &SymbolInfo<'_>) -> Option<Symbol> {
    let SymbolInfo::Data { symbol: Some(symbol), .. } = symbol else { return None };
    let start = symbol.offset as usize;
    Some(Symbol { segment: symbol.index as usize, range: start..start + symbol.size as usize })
}
