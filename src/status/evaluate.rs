//! Running a program over one row of facts: no allocation, no recursion.

use super::MAX_DEPTH;
use super::program::{Operand, Operation, Program, Values};
use super::texts::Texts;
use super::truth::{Comparison, Truth};
use crate::abi::FactRow;

/// What operands are read from.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub facts: FactRow<'a, 'a>,
    pub as_of: f64,
    pub texts: &'a Texts,
}

impl<'a> Row<'a> {
    #[inline]
    fn number(&self, operand: Operand) -> Option<f64> {
        match operand {
            Operand::Field(field) if self.facts.is_null(field as usize) => None,
            Operand::Field(field) => Some(self.facts.value(field as usize)),
            Operand::Constant(value) => Some(value),
            Operand::AsOf => Some(self.as_of),
            Operand::Null | Operand::Text(_) => None,
        }
    }

    #[inline]
    fn text(&self, operand: Operand) -> Option<&'a [u8]> {
        match operand {
            Operand::Field(field) if self.facts.is_null(field as usize) => None,
            Operand::Field(field) => Some(self.facts.text(field as usize)),
            Operand::Text(text) => Some(self.texts.get(text)),
            Operand::Null | Operand::AsOf | Operand::Constant(_) => None,
        }
    }

    #[inline(never)]
    fn compare(&self, comparison: Comparison, values: Values, left: Operand, right: Operand) -> Truth {
        if values == Values::Texts {
            let texts = |left: &[u8], right: &[u8]| comparison.texts(left, right);
            return comparison.optional(self.text(left), self.text(right), texts);
        }
        comparison.optional(self.number(left), self.number(right), |left, right| comparison.numbers(left, right))
    }

    /// `operand IN (items)`: true at the first equal item, else NULL if a comparison was.
    fn is_among(&self, values: Values, operand: Operand, items: &[Operand]) -> Truth {
        let mut result = Truth::False;
        for &item in items {
            result = result.or(self.compare(Comparison::EQUAL, values, operand, item));
            if result == Truth::True {
                break;
            }
        }
        result
    }

    fn is_null(&self, operand: Operand) -> bool {
        match operand {
            Operand::Null => true,
            Operand::Field(field) => self.facts.is_null(field as usize),
            _ => false,
        }
    }
}

/// The status of a row.
pub(super) fn evaluate(program: &Program, row: &Row<'_>) -> Option<u32> {
    let mut truth = Truth::Null;
    // Every level of nesting sets at most one truth value aside.
    let mut aside = [Truth::Null; MAX_DEPTH];
    let mut waiting = 0;
    let mut at = 0;
    // Jumps go forwards and the last step returns.
    while let Some(step) = program.steps.get(at) {
        at += 1;
        let mut pop = || {
            waiting -= 1;
            aside[waiting]
        };
        truth = match step.operation {
            Operation::Truth(value) => value,
            Operation::CompareConstant { field, comparison, constant } => {
                if row.facts.is_null(field as usize) {
                    Truth::Null
                } else {
                    comparison.numbers(row.facts.value(field as usize), constant).into()
                }
            }
            Operation::Compare { comparison, values, left, right } => row.compare(comparison, values, left, right),
            Operation::Between { values, operand, low, high } => row
                .compare(Comparison::GREATER_OR_EQUAL, values, operand, low)
                .and(row.compare(Comparison::LESS_OR_EQUAL, values, operand, high)),
            Operation::In { values, operand, first, end } => {
                let items = program.operands.get(first as usize..end as usize).unwrap_or(&[]);
                row.is_among(values, operand, items)
            }
            Operation::IsNull { operand } => row.is_null(operand).into(),
            Operation::Push => {
                if !step.jump_on.contains(truth) {
                    aside[waiting] = truth;
                    waiting += 1;
                }
                truth
            }
            Operation::And => pop().and(truth),
            Operation::Or => pop().or(truth),
            Operation::CompareTruths { comparison } => {
                let known = |truth| (truth != Truth::Null).then_some(truth as u8 as f64);
                let left = pop();
                comparison.optional(known(left), known(truth), |left, right| comparison.numbers(left, right))
            }
            Operation::Not => truth.not(),
            Operation::Is { value } => (truth == value.into()).into(),
            Operation::TruthIsNull => (truth == Truth::Null).into(),
            Operation::Return(status) => return status,
        };
        if step.jump_on.contains(truth) {
            at = step.target as usize;
        }
    }
    None
}
