//! The status of a row of facts by rules written as the inside of an SQL CASE.
//!
//! A rule set is `when <condition> then '<status>' ... else '<status>'`; the first rule whose condition is true
//! decides. Conditions mean what they mean in SQL, with its three-valued logic (`docs/semantics.md`, "Status rules").
//!
//! A rule text is read once: tokens (`lexer`) become a tree (`parser`), the facts get their types from their uses
//! (`types`), and the tree becomes a program of flat steps (`program`) that runs over each row without allocating
//! (`evaluate`).

mod evaluate;
mod fault;
mod lexer;
mod number;
mod parser;
mod program;
mod texts;
mod tree;
mod truth;
mod types;

#[cfg(test)]
mod tests;

use crate::abi::{Document, FactKind, FactRow, Output};
use crate::{Error, Result};
use alloc::vec::Vec;

/// How deeply conditions may be nested: parentheses, NOTs and operators within operators.
const MAX_DEPTH: usize = 64;
/// The longest rule text, in bytes.
const MAX_BYTES: usize = 65_536;

/// A compiled rule set.
pub struct Rules {
    program: program::Program,
    texts: texts::Texts,
    statuses: Vec<texts::TextId>,
    fields: Vec<texts::TextId>,
    kinds: Vec<FactKind>,
}

impl Document for Rules {
    /// Reads the rule text. An error names line and column, what is expected there or what contradicts what, and quotes
    /// no literal.
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        if source.len() > MAX_BYTES {
            return Err(Error::new(argument, "must not be longer than 65,536 bytes"));
        }
        if core::str::from_utf8(source).is_err() {
            return Err(Error::new(argument, "must be UTF-8"));
        }
        let parsed = parser::parse(source).map_err(|fault| fault.into_error(argument, source))?;
        let kinds = types::infer(&parsed).map_err(|fault| fault.into_error(argument, source))?;
        let program = program::compile(&parsed, &kinds);
        let parser::Parsed { texts, statuses, fields, .. } = parsed;
        Ok(Rules { program, texts, statuses, fields, kinds })
    }

    fn describe(&self, out: &mut Output) {
        out.list(1);
        self.describe_texts(&self.statuses, out);
        out.list(self.fields.len());
        for ((&name, &kind), literals) in self.fields.iter().zip(&self.kinds).zip(&self.program.literals) {
            out.text(self.texts.get(name));
            out.double(kind as u8 as f64);
            self.describe_texts(literals, out);
        }
    }

    fn fact_fields(&self) -> usize {
        self.fields.len()
    }
}

impl Rules {
    fn describe_texts(&self, texts: &[texts::TextId], out: &mut Output) {
        out.list(texts.len());
        for &text in texts {
            out.text(self.texts.get(text));
        }
    }
}

/// The status of one row of facts as an index into the rules' statuses (in the order in which they first appear);
/// `None` for the status NULL.
///
/// The facts are those that the rules [describe](Document::describe), `as_of` is microseconds since 1970 UTC. There is
/// no error beside those of compiling the rules.
#[inline]
pub fn status_case(facts: FactRow<'_, '_>, rules: &Rules, as_of: f64) -> Result<Option<u32>> {
    Ok(evaluate::evaluate(&rules.program, &evaluate::Row { facts, as_of, texts: &rules.texts }))
}
