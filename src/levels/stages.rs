//! Stages of a score, with hysteresis.

use crate::abi::{Document, Output};
use crate::strings::Strings;
use crate::tape::{self, Object, Place, Value};
use crate::{Error, Result};
use alloc::vec::Vec;

/// The stages of a scoring model or the tiers of its fit, highest first.
#[derive(Default)]
pub(crate) struct Stages {
    stages: Vec<Stage>,
    /// How far below its bound a stage is kept; `stage_margin` of the model, 0 where absent.
    margin: f64,
}

#[derive(Clone, Copy)]
struct Stage {
    /// The number of its name among the model's strings.
    name: u32,
    /// The least score, negative infinity where there is none.
    at_least: f64,
}

impl Stages {
    /// Reads `stages[]` and `stage_margin` of a model; both may be absent. The names go to `strings`.
    pub(crate) fn read(model: &Object<'_, '_>, strings: &mut Strings) -> Result<Self> {
        let mut stages = Self::read_list(model, "stages", strings)?;
        stages.margin = model.not_negative("stage_margin")?.unwrap_or(0.0);
        Ok(stages)
    }

    /// Reads a list of names with lower bounds, which may be absent. The names go to `strings`.
    #[inline(never)]
    pub(crate) fn read_list(object: &Object<'_, '_>, field: &str, strings: &mut Strings) -> Result<Self> {
        let mut stages = Stages::default();
        object.each_if_any(field, |value, place| stages.read_stage(value, place, strings))?;
        Ok(stages)
    }

    /// Names with these bounds, the highest first.
    pub(crate) fn these(bounds: &[(&[u8], f64)], strings: &mut Strings) -> Self {
        let stage = |&(name, at_least): &(&[u8], f64)| Stage { name: strings.add(name), at_least };
        Stages { stages: bounds.iter().map(stage).collect(), margin: 0.0 }
    }

    /// The position of the stage with this name.
    pub(crate) fn position(&self, name: &[u8], strings: &Strings) -> Option<usize> {
        self.stages.iter().position(|stage| strings.get(stage.name) == name)
    }

    #[inline(never)]
    fn read_stage(&mut self, value: Value<'_>, place: Place<'_>, strings: &mut Strings) -> Result<()> {
        let stage = Object::new(value, place, &["name", "at_least"])?;
        let name = stage.required_text("name")?;
        // A previous stage is found by its name.
        if self.stages.iter().any(|above| strings.get(above.name) == name) {
            stage.refuse("name", "is listed twice")?;
        }
        let at_least = stage.number("at_least")?.unwrap_or(f64::NEG_INFINITY);
        if self.stages.last().is_some_and(|above| at_least >= above.at_least) {
            stage.refuse("at_least", "must be below the bound of the stage before")?;
        }
        self.stages.push(Stage { name: strings.add(name), at_least });
        Ok(())
    }

    /// The margin that the model gives.
    pub(crate) fn margin(&self) -> f64 {
        self.margin
    }

    /// The number of a stage's name among the model's strings.
    pub(crate) fn name(&self, stage: usize) -> Option<u32> {
        self.stages.get(stage).map(|stage| stage.name)
    }

    /// The position of the highest stage whose bound the unrounded score reaches, or, if it is higher, that of the previous
    /// stage while the score reaches its bound less `margin`.
    pub(crate) fn at(&self, score: f64, previous: Option<usize>, margin: f64) -> Option<usize> {
        let reached = self.stages.iter().position(|stage| score >= stage.at_least);
        match previous.and_then(|previous| Some((previous, self.stages.get(previous)?))) {
            Some((previous, stage))
                if reached.is_none_or(|reached| previous < reached) && score >= stage.at_least - margin =>
            {
                Some(previous)
            }
            _ => reached,
        }
    }
}

/// A scoring model, or any object with `stages`, of which nothing else is read.
pub struct StageModel {
    /// The stages' names, in their order.
    names: Strings,
    stages: Stages,
}

impl Document for StageModel {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        tape::read_part(argument, source, |model| {
            let mut names = Strings::default();
            let stages = Stages::read(model, &mut names)?;
            if model.get("stages").is_none() {
                return Err(model.error("stages", "is missing"));
            }
            Ok(StageModel { names, stages })
        })
    }

    /// One dictionary: the stages' names. No facts.
    fn describe(&self, out: &mut Output) {
        out.list(1);
        self.names.describe(out);
        out.list(0);
    }
}

/// The stage of a score, by its number among the model's stages; `None` if it reaches none.
///
/// That is the highest stage with `score >= at_least`, or, if it is higher, the previous stage while `score >= at_least -
/// margin`. `previous` is a number, too; a negative one (NULL or unknown) is no stage. A `margin` of NaN (NULL) is that of
/// the model. Errors: a score that is not finite, a margin that is negative or infinite.
pub fn score_stage(score: f64, model: &StageModel, previous: i32, margin: f64) -> Result<Option<u32>> {
    if !score.is_finite() {
        return Err(Error::new("score", "must be a finite number"));
    }
    let margin = if margin.is_nan() { model.stages.margin() } else { margin };
    if !(0.0..=f64::MAX).contains(&margin) {
        return Err(Error::new("margin", "must be a finite number >= 0"));
    }
    let stage = model.stages.at(score, usize::try_from(previous).ok(), margin);
    Ok(stage.and_then(|stage| model.stages.name(stage)))
}
