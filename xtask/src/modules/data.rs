//! Which data of a module nothing refers to once the functions that prepare panics are cut down, found in the relocations
//! that the linker leaves on request.

use std::ops::Range;

use anyhow::{Context, Result, ensure};
use wasmparser::{ExternalKind, KnownCustom, Linking, Parser, Payload, RelocationEntry, RelocationType, SymbolInfo};

/// What a relocation may refer to.
enum Symbol {
    /// A named piece of a data segment.
    Data { segment: usize, range: Range<usize> },
    /// A function by its number: modules import none.
    Function(usize),
    /// Anything else, such as the end of the data.
    Other,
}

#[derive(Default)]
struct Layout {
    /// The functions that are exported.
    exports: Vec<usize>,
    /// Where each function's body lies in the code section, by the functions' order.
    functions: Vec<Range<usize>>,
    /// Where each segment's bytes lie in the data section.
    segments: Vec<Range<usize>>,
    /// By index in the symbol table.
    symbols: Vec<Symbol>,
    /// Offsets are those in the section.
    in_code: Vec<RelocationEntry>,
    in_data: Vec<RelocationEntry>,
    /// Where in the module the data section lies.
    data_start: usize,
}

/// Per data segment, the ranges that nothing reaches from the exports, if functions that are `dead` refer to nothing.
///
/// # Errors
/// If the module has data and no relocations, or they point nowhere.
pub fn unused(module: &[u8], dead: &[bool]) -> Result<Vec<Vec<Range<usize>>>> {
    let layout = layout(module)?;
    // Where in the sources a panic happened: nobody reads it.
    let places: Vec<bool> = layout.symbols.iter().map(|symbol| layout.is_place(module, symbol)).collect();
    let mut live = vec![false; layout.symbols.len()];
    let mut reached = vec![false; layout.functions.len()];
    let mut functions = layout.exports.clone();
    let mut pending: Vec<&RelocationEntry> = Vec::new();
    loop {
        if let Some(function) = functions.pop() {
            let reached = reached.get_mut(function).context("a function does not exist")?;
            if !std::mem::replace(reached, true) && !dead[function] {
                pending.extend(inside(&layout.in_code, layout.functions[function].clone()));
            }
            continue;
        }
        let Some(entry) = pending.pop() else { break };
        let index = entry.index as usize;
        // Of a type the index is no symbol's.
        if entry.ty == RelocationType::TypeIndexLeb || places[index] || std::mem::replace(&mut live[index], true) {
            continue;
        }
        match &layout.symbols[index] {
            Symbol::Function(function) => functions.push(*function),
            Symbol::Data { segment, range } => {
                let segment = layout.segments.get(*segment).context("a symbol lies in no segment")?;
                pending.extend(inside(&layout.in_data, segment.start + range.start..segment.start + range.end));
            }
            Symbol::Other => {}
        }
    }
    let segments = layout.segments.iter().enumerate();
    Ok(segments.map(|(number, segment)| gaps(&layout.symbols, &live, number, segment.len())).collect())
}

impl Layout {
    /// Whether a symbol is a `core::panic::Location`: a file's name, its length, line and column.
    fn is_place(&self, module: &[u8], symbol: &Symbol) -> bool {
        let Symbol::Data { segment, range } = symbol else { return false };
        let Some(segment) = self.segments.get(*segment) else { return false };
        let start = segment.start + range.start;
        let mut entries = inside(&self.in_data, start..segment.start + range.end);
        let (Some(name), None) = (entries.next(), entries.next()) else { return false };
        let Some(Symbol::Data { segment, range: text }) = self.symbols.get(name.index as usize) else { return false };
        let bytes = self.segments.get(*segment).map(|segment| self.data_start + segment.start);
        let bytes = bytes.and_then(|start| module.get(start + text.start..start + text.end)).unwrap_or_default();
        range.len() == 16
            && name.offset as usize == start
            && bytes.strip_suffix(b"\0").unwrap_or(bytes).ends_with(b".rs")
    }
}

/// The relocations in a range of their section.
fn inside(entries: &[RelocationEntry], range: Range<usize>) -> impl Iterator<Item = &RelocationEntry> {
    entries.iter().filter(move |entry| range.contains(&(entry.offset as usize)))
}

/// What no live symbol of a segment covers.
fn gaps(symbols: &[Symbol], live: &[bool], segment: usize, length: usize) -> Vec<Range<usize>> {
    let used = symbols.iter().zip(live).filter_map(|(symbol, &live)| match symbol {
        Symbol::Data { segment: place, range } if live && *place == segment => Some(range.clone()),
        _ => None,
    });
    let mut used: Vec<Range<usize>> = used.collect();
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
    let (mut code_start, mut sections) = (0, Vec::new());
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        // Relocations name the section that they are for by its number.
        if let Some((_, range)) = payload.as_section() {
            sections.push(range.start);
        }
        match payload {
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    if export.kind == ExternalKind::Func {
                        layout.exports.push(export.index as usize);
                    }
                }
            }
            Payload::CodeSectionStart { range, .. } => code_start = range.start,
            Payload::CodeSectionEntry(body) => {
                let range = body.range();
                layout.functions.push(range.start - code_start..range.end - code_start);
            }
            Payload::DataSection(section) => {
                layout.data_start = section.range().start;
                for segment in section {
                    let segment = segment?;
                    let end = segment.range.end - layout.data_start;
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
                        Some(start) if start == layout.data_start => &mut layout.in_data,
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

fn place(symbol: &SymbolInfo<'_>) -> Symbol {
    match symbol {
        SymbolInfo::Func { index, .. } => Symbol::Function(*index as usize),
        SymbolInfo::Data { symbol: Some(symbol), .. } => {
            let start = symbol.offset as usize;
            Symbol::Data { segment: symbol.index as usize, range: start..start + symbol.size as usize }
        }
        _ => Symbol::Other,
    }
}
