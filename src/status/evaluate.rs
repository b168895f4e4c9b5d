//! Running a program over one row of facts: no allocation, no recursion.

use super::MAX_DEPTH;
use super::program::{Function, Operand, Operation, Program};
use super::texts::Texts;
use super::truth::{Comparison, Truth};
use super::value::{Text, Value, remainder};
use crate::abi::{FactKind, FactRow};
use crate::timestamp::MICROSECONDS_PER_DAY;

/// What operands are read from.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub facts: FactRow<'a, 'a>,
    pub as_of: f64,
    pub texts: &'a Texts,
}

impl<'a> Row<'a> {
    /// The value of an operand that is a number and not computed, or NULL.
    #[inline]
    fn number(&self, operand: Operand) -> Option<f64> {
        match operand {
            Operand::Field(field) if self.facts.is_null(field as usize) => None,
            Operand::Field(field) => Some(self.facts.value(field as usize)),
            Operand::Constant(value) => Some(value),
            Operand::AsOf => Some(self.as_of),
            _ => None,
        }
    }

    /// The value of an operand beside those computed before.
    #[inline(never)]
    fn value(&self, operand: Operand, slots: &[Value<'a>]) -> Value<'a> {
        let text = |bytes| Value::Text(Text { bytes, lower: false });
        match operand {
            Operand::Null => Value::Null,
            Operand::AsOf => Value::Number(self.as_of),
            Operand::Constant(value) => Value::Number(value),
            Operand::Text(id) => text(self.texts.get(id)),
            Operand::Slot(slot) => slots.get(slot as usize).copied().unwrap_or(Value::Null),
            Operand::Field(field) | Operand::TextField(field) if self.facts.is_null(field as usize) => Value::Null,
            Operand::Field(field) => Value::Number(self.facts.value(field as usize)),
            Operand::TextField(field) => text(self.facts.text(field as usize)),
        }
    }
}

fn compute<'a>(function: Function, left: Value<'a>, right: Value<'a>) -> Value<'a> {
    match (function, left, right) {
        (Function::Move, value, _)
        | (Function::Coalesce | Function::Least | Function::Greatest, Value::Null, value)
        | (Function::Least | Function::Greatest, value, Value::Null) => value,
        (Function::Coalesce, value, _) => value,
        (Function::Nullif | Function::Least | Function::Greatest, ..) => {
            let (comparison, otherwise) = match function {
                Function::Nullif => (Comparison::EQUAL, Value::Null),
                Function::Least => (Comparison::GREATER, right),
                _ => (Comparison::LESS, right),
            };
            if comparison.values(left, right) == Truth::True { otherwise } else { left }
        }
        (Function::Lower, Value::Text(text), _) => Value::Text(Text { lower: true, ..text }),
        (_, Value::Number(left), Value::Number(right)) => Value::Number(match function {
            Function::Add => left + right,
            Function::Subtract => left - right,
            Function::Multiply => left * right,
            Function::Divide => left / right,
            Function::Modulo => remainder(left, right),
            Function::Abs => left.abs(),
            _ => (right - left) / MICROSECONDS_PER_DAY,
        }),
        _ => Value::Null,
    }
}

/// Whether a list of facts contains a value.
fn contains(list: &[u8], value: Value<'_>) -> bool {
    match value {
        Value::Number(wanted) => list.chunks_exact(8).any(|bytes| {
            let mut element = [0; 8];
            element.copy_from_slice(bytes);
            Comparison::EQUAL.numbers(f64::from_le_bytes(element), wanted)
        }),
        Value::Text(wanted) => list.split(|&byte| byte == FactKind::END_OF_ELEMENT).any(|bytes| {
            // Ends stand after elements, so that what follows the last one is none.
            bytes.as_ptr_range().end != list.as_ptr_range().end && Text { bytes, lower: false }.order(wanted).is_eq()
        }),
        Value::Null => false,
    }
}

/// The status of a row, and the truth of the last condition, from a step of the program on.
pub(super) fn evaluate(program: &Program, row: &Row<'_>, at: u32) -> (Option<u32>, Truth) {
    // Clearing slots takes time, and most rules need few or none.
    match program.slots {
        0 => run(program, row, at, &mut []),
        1..=4 => run(program, row, at, &mut [Value::Null; 4]),
        _ => run(program, row, at, &mut [Value::Null; MAX_DEPTH + 2]),
    }
}

/// What a program leaves in its first slot, from a step on.
#[inline(never)]
pub(super) fn evaluate_value<'a>(program: &Program, row: &Row<'a>, at: u32) -> Value<'a> {
    let mut slots = [Value::Null; MAX_DEPTH + 2];
    run(program, row, at, &mut slots);
    slots[0]
}

#[inline(never)]
fn run<'a>(program: &Program, row: &Row<'a>, at: u32, slots: &mut [Value<'a>]) -> (Option<u32>, Truth) {
    let mut truth = Truth::Null;
    // Every level of nesting sets at most one truth value aside, which takes two bits.
    const { assert!(MAX_DEPTH * 2 <= u128::BITS as usize) };
    let mut aside = 0u128;
    let mut at = at as usize;
    // Jumps go forwards and the last step returns.
    while let Some(step) = program.steps.get(at) {
        at += 1;
        let mut pop = || {
            let bits = aside as u8 & 3;
            aside >>= 2;
            Truth::from_bits(bits)
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
            Operation::Decide { field, jumps, constant } => {
                let field = field as usize;
                let jump =
                    if row.facts.is_null(field) { jumps.on_null() } else { jumps.on(row.facts.value(field), constant) };
                if jump {
                    at = step.target as usize;
                }
                continue;
            }
            Operation::CompareNumbers { comparison, left, right } => match (row.number(left), row.number(right)) {
                (Some(left), Some(right)) => comparison.numbers(left, right).into(),
                _ => Truth::Null,
            },
            Operation::Compare { comparison, left, right } => {
                comparison.values(row.value(left, slots), row.value(right, slots))
            }
            Operation::Like { left, right, escape } => match (row.value(left, slots), row.value(right, slots)) {
                (Value::Text(text), Value::Text(pattern)) => text.is_like(pattern, escape).into(),
                _ => Truth::Null,
            },
            Operation::Contains { left, right } => match (row.value(left, slots), row.value(right, slots)) {
                (Value::Null, _) | (_, Value::Null) => Truth::Null,
                (Value::Text(list), value) => contains(list.bytes, value).into(),
                _ => Truth::Null,
            },
            Operation::IsNull { operand } => matches!(row.value(operand, slots), Value::Null).into(),
            Operation::Compute { function, slot, left, right } => {
                slots[slot as usize] = compute(function, row.value(left, slots), row.value(right, slots));
                truth
            }
            Operation::Keep { slot } => {
                slots[slot as usize] = match truth {
                    Truth::Null => Value::Null,
                    known => Value::Number((known == Truth::True) as u8 as f64),
                };
                truth
            }
            Operation::Push => {
                if !step.jump_on.contains(truth) {
                    aside = aside << 2 | truth as u128;
                }
                truth
            }
            Operation::And => pop().and(truth),
            Operation::Or => pop().or(truth),
            Operation::Not => truth.not(),
            Operation::Is { value } => (truth == value.into()).into(),
            Operation::Return(status) => return (status, truth),
        };
        if step.jump_on.contains(truth) {
            at = step.target as usize;
        }
    }
    (None, truth)
}
