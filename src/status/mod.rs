//! The status of a row of facts by rules written as the inside of an SQL CASE.
//!
//! A rule set is `when <condition> then '<status>' ... else '<status>'`; the first rule whose condition is true
//! decides. Conditions mean what they mean in SQL, with its three-valued logic (`docs/semantics.md`, "Status rules").
//!
//! A rule text is read once: tokens (`lexer`) become a tree (`parser`), the facts get their types from their uses
//! (`types`), and the tree becomes a program of flat steps (`program`) that runs over each row without allocating
//! (`evaluate`).

mod evaluate;
pub(crate) mod expressions;
mod fault;
mod lexer;
mod number;
mod parser;
mod program;
mod texts;
mod tree;
mod truth;
mod types;
mod value;

#[cfg(test)]
mod tests;

use crate::abi::{Document, FactKind, FactRow, Output};
use crate::{Error, Result};
use alloc::vec::Vec;

/// How deeply conditions may be nested: parentheses, NOTs and operators within operators.
const MAX_DEPTH: usize = 64;
/// The longest rule text, in bytes.
const MAX_BYTES: usize = 65_536;

/// What rules, and expressions in other documents, are compiled to.
#[derive(Default)]
struct Compiled {
    program: program::Program,
    texts: texts::Texts,
    /// The facts, their names and how they travel.
    fields: Vec<texts::TextId>,
    kinds: Vec<FactKind>,
    missing_is_null: bool,
}

/// A compiled rule set.
pub struct Rules {
    compiled: Compiled,
    statuses: Vec<texts::TextId>,
    /// The rule text where somebody asks, and where in it each rule and ELSE stand.
    source: Vec<u8>,
    spans: Vec<[u32; 2]>,
}

impl Document for Rules {
    /// Reads the rule text. An error names line and column, what is expected there or what contradicts what, and quotes
    /// no literal.
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        Rules::new(argument, source, false)
    }

    fn describe(&self, out: &mut Output) {
        out.list(1);
        self.compiled.describe_texts(&self.statuses, out);
        self.compiled.describe_facts(out);
    }

    fn fact_fields(&self) -> usize {
        self.compiled.fields.len()
    }
}

impl Rules {
    #[inline(never)]
    fn new(argument: &str, source: &[u8], explained: bool) -> Result<Self> {
        if source.len() > MAX_BYTES {
            return Err(Error::new(argument, "must not be longer than 65,536 bytes"));
        }
        if crate::utf8::text(source).is_none() {
            return Err(Error::new(argument, "must be UTF-8"));
        }
        let mut parsed = parser::Parsed::default();
        let compiled = parsed
            .rules(source)
            .and_then(|()| Compiled::new(&mut parsed, |parsed, kinds| program::compile(parsed, kinds, explained)))
            .map_err(|fault| fault.into_error(argument, 0, source))?;
        let source = if explained { source.to_vec() } else { Vec::new() };
        Ok(Rules { compiled, statuses: parsed.statuses, source, spans: parsed.spans })
    }
}

impl Compiled {
    /// Checks and compiles what was read, and takes names and literals out of it.
    #[inline]
    fn new(
        parsed: &mut parser::Parsed,
        compile: impl FnOnce(&parser::Parsed, &[FactKind]) -> program::Program,
    ) -> core::result::Result<Self, fault::Fault> {
        // The compiler goes down the tree.
        if let Some(node) = parsed.tree.nodes.iter().find(|node| node.depth as usize > MAX_DEPTH) {
            return Err(fault::Fault::new(node.at, &[parser::TOO_DEEP]));
        }
        let kinds = types::infer(parsed)?;
        let program = compile(parsed, &kinds);
        let (texts, fields) = (core::mem::take(&mut parsed.texts), core::mem::take(&mut parsed.fields));
        Ok(Compiled { program, texts, fields, kinds, missing_is_null: parsed.missing_is_null })
    }

    #[inline(never)]
    fn describe_texts(&self, texts: &[texts::TextId], out: &mut Output) {
        out.list(texts.len());
        for &text in texts {
            out.text(self.texts.get(text));
        }
    }

    fn describe_facts(&self, out: &mut Output) {
        out.list(self.fields.len());
        for ((&name, &kind), literals) in self.fields.iter().zip(&self.kinds).zip(&self.program.literals) {
            out.text(self.texts.get(name));
            let optional = if self.missing_is_null { FactKind::OPTIONAL } else { 0 };
            out.double((kind as u8 + optional) as f64);
            self.describe_texts(literals, out);
        }
    }
}

/// A compiled rule set that can tell how it came to a status.
pub struct ExplainedRules(Rules);

impl Document for ExplainedRules {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        Rules::new(argument, source, true).map(ExplainedRules)
    }

    /// The dictionaries are the statuses, the texts of the rules and of ELSE, and the truth values.
    fn describe(&self, out: &mut Output) {
        out.list(3);
        self.0.compiled.describe_texts(&self.0.statuses, out);
        out.list(self.0.spans.len());
        for &[start, end] in &self.0.spans {
            out.text(&self.0.source[start as usize..end as usize]);
        }
        out.list(truth::NAMES.len());
        for name in truth::NAMES {
            out.text(name.as_bytes());
        }
        self.0.compiled.describe_facts(out);
    }

    fn fact_fields(&self) -> usize {
        self.0.compiled.fields.len()
    }
}

/// The status of one row of facts as an index into the rules' statuses (in the order in which they first appear);
/// `None` for the status NULL.
///
/// The facts are those that the rules [describe](Document::describe), `as_of` is microseconds since 1970 UTC. There is
/// no error beside those of compiling the rules.
#[inline]
pub fn status_case(facts: FactRow<'_, '_>, rules: &Rules, as_of: f64) -> Result<Option<u32>> {
    let compiled = &rules.compiled;
    Ok(evaluate::evaluate(&compiled.program, &evaluate::Row { facts, as_of, texts: &compiled.texts }, 0).0)
}

/// The status of one row of facts, and how the rules came to it.
///
/// Writes the status, the number of the rule that decided (from 1; NULL for ELSE), its text, and for each rule before it
/// number, text and truth. `as_of` is microseconds since 1970 UTC. There is no error beside those of compiling the rules.
pub fn status_explain(facts: FactRow<'_, '_>, rules: &ExplainedRules, as_of: f64, out: &mut Output) -> Result<()> {
    let rules = &rules.0;
    let program = &rules.compiled.program;
    let row = evaluate::Row { facts, as_of, texts: &rules.compiled.texts };
    let start = out.stream.len();
    // Status, number, text and the length of the list come before what is known only afterwards.
    out.slots(&[0.0; 4]);
    let otherwise = rules.spans.len() - 1;
    let mut deciding = 0;
    let status = loop {
        let (status, truth) = evaluate::evaluate(program, &row, program.starts[deciding]);
        if deciding == otherwise || truth == truth::Truth::True {
            break status;
        }
        out.slots(&[deciding as f64 + 1.0, deciding as f64, truth as u8 as f64]);
        deciding += 1;
    };
    let number = if deciding == otherwise { f64::NAN } else { deciding as f64 + 1.0 };
    let head = [status.map_or(-1.0, f64::from), number, deciding as f64, deciding as f64];
    out.stream[start..start + 4].copy_from_slice(&head);
    Ok(())
}
