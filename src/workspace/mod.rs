//! A workspace against a scoring model: its users' events, its states and its fit.
//!
//! Steps, ties and limits are those of `docs/semantics.md`, "Scoring".

mod model;
mod users;

pub use model::Model;

use crate::abi::{Output, Texts};
use crate::levels::diff;
use crate::score::explain::{self, Contribution, Score, Wording};
use crate::score::history::{History, NO_USER, Rows, count_of};
use crate::score::model::{EVENT_LOOP, FIT, FIT_UNCERTAIN, NAME, NO_ELIGIBLE_USER, VERSION};
use crate::score::too_much;
use crate::status::expressions::Truth;
use crate::{Error, Result};
use alloc::vec::Vec;
use users::Users;

/// Scores a workspace and writes the result of the catalogue's `score_workspace`.
///
/// Of users: ids, indices of the model's roles, and indices of the personas of champions, negative for any other. Of
/// events: ids of users (NULL where nobody is known), indices of the model's events (-1 for NULL, -2 for unknown),
/// microseconds since 1970 UTC (NaN for NULL), how many occurrences a row stands for, and how many of them the busiest
/// hour had where the row is a daily rollup (negative where it is not). `states` is what
/// [`model_states`](crate::fit::model_states) writes for the same model, or `None`; the `before` lists are the
/// contributions of an earlier result. Errors: a count that is negative, NaN or infinite, points beyond 2^19, states of
/// another model, and points of `before` that are none.
#[allow(clippy::too_many_arguments)]
pub fn score_workspace(
    user_id: Texts<'_>,
    role: &[i32],
    persona: &[i32],
    event_user_id: Texts<'_>,
    event: &[i32],
    occurred_at: &[f64],
    count: &[f64],
    max_per_hour: &[f64],
    states: Option<&[u8]>,
    bucket_before: Texts<'_>,
    code_before: Texts<'_>,
    points_before: &[f64],
    previous_stage: Option<&[u8]>,
    model: &Model,
    as_of: f64,
    out: &mut Output,
) -> Result<()> {
    let base = &model.base;
    let conditions = Conditions::read(model, states)?;
    let before = diff::read("before", bucket_before, code_before, points_before)?;
    let mut users = Users::new(model, user_id, role, persona);
    let user = users.of_events(event_user_id);
    let mut history = History::default();
    let rows = Rows { event, occurred_at, count, max_per_hour, user: Some(&user) };
    history.group(rows, base, as_of)?;
    let intent_at = last_high_intent_at(model, &history, &users, rows);
    history.tally(base, |user| users.factor(user), as_of).ok_or_else(too_much)?;
    let selected = users.select(base, &history).ok_or_else(too_much)?;

    let mut score = Score { nobody_eligible: selected.is_none(), ..Score::default() };
    for tally in &history.tallies {
        if (tally.user == NO_USER || Some(tally.user) == selected)
            && let Some(rule) = base.rules.get(tally.rule)
        {
            score.contributions.push(Contribution::of_rule(rule, tally));
        }
    }
    for (index, state) in model.states.iter().enumerate() {
        if conditions.truth(index) == Truth::True {
            score.contributions.push(Contribution {
                bucket: state.bucket,
                code: state.code,
                points: state.points,
                count: 1.0,
                wording: Wording::State(state.reason),
            });
        }
    }
    let fits = model.scale.count(|rule| conditions.rule(model, rule));
    let fit = model.scale.fit(fits);
    if let (Some(bucket), Some(fit)) = (model.fit, fit) {
        score.contributions.push(Contribution {
            bucket,
            code: FIT,
            points: fit.points,
            count: fits.rules_met as f64,
            wording: Wording::Fit { tier: fit.tier, score: fit.score },
        });
    }
    score.contributions.extend(history.loops.penalty(base, as_of));
    let total = score.limit(base).ok_or_else(too_much)?;
    let stages = &base.stages;
    let previous = previous_stage.and_then(|stage| stages.position(stage, &base.strings));
    let stage = stages.at(total.total.points(), previous, stages.margin());

    explain::write(base, &score, total, stage, as_of, out);
    let mut after = Vec::new();
    score.each_with_limits(base, total, |bucket, code, points, _| {
        after.push(diff::Contribution { bucket: Some(base.string(bucket)), code: Some(base.string(code)), points });
    });
    diff::write(&diff::changes(&after, &before), out);
    out.optional_text(selected.map(|user| users.id(user)));
    match conditions.next_milestone(model) {
        Some((name, channel)) => out.slots(&[name as f64, channel as f64]),
        None => out.slots(&[-1.0, -1.0]),
    }
    out.optional(fit.map(|fit| fit.score));
    out.double(fit.and_then(|fit| fit.tier).map_or(-1.0, f64::from));
    let open = model.gate.as_ref().zip(intent_at).is_some_and(|(gate, at)| at >= as_of - gate.length);
    out.double(open as u8 as f64);
    out.optional_timestamp_text(intent_at);
    let flags = [
        (history.loops.count > 0, EVENT_LOOP),
        (model.fit.is_some() && fit.is_none(), FIT_UNCERTAIN),
        (selected.is_none(), NO_ELIGIBLE_USER),
    ];
    out.list(flags.iter().filter(|(raised, _)| *raised).count());
    flags.iter().filter(|(raised, _)| *raised).for_each(|(_, flag)| out.double(*flag as f64));
    history.ignored.write(out);
    out.slots(&[
        count_of(history.ignored.no_user),
        count_of(users.not_selected(&history, selected)),
        users.superfluous as f64,
    ]);
    Ok(())
}

/// The last event of high intent.
fn last_high_intent_at(model: &Model, history: &History, users: &Users<'_>, rows: Rows<'_>) -> Option<f64> {
    let gate = model.gate.as_ref()?;
    let mut last: Option<f64> = None;
    for (index, (&rule, &time)) in history.rules.iter().zip(rows.occurred_at).enumerate() {
        let rule = rule as usize;
        let Some(&of_anybody) = gate.events.get(rule) else { continue };
        let by_admin = || {
            let user = rows.user.and_then(|users| users.get(index));
            let positive = model.base.rules.get(rule).and_then(|rule| model.base.buckets.get(rule.bucket));
            positive.is_some_and(|bucket| bucket.max.is_some()) && user.is_some_and(|user| users.is_admin(*user))
        };
        if (of_anybody || (gate.admin_key_events && by_admin())) && last.is_none_or(|last| time > last) {
            last = Some(time);
        }
    }
    last
}

/// What the model's conditions say: a character for each state, milestone and rule of fit, or nothing where no fact is
/// known.
struct Conditions<'a>(Option<&'a [u8]>);

impl<'a> Conditions<'a> {
    fn read(model: &Model, states: Option<&'a [u8]>) -> Result<Self> {
        let Some(states) = states else { return Ok(Conditions(None)) };
        let mut header = Vec::new();
        crate::fit::push_header(&mut header, model.base.string(NAME), model.base.string(VERSION));
        let count = model.states.len() + model.milestones.len() + model.scale.weights.len();
        match states.strip_prefix(&header[..]) {
            Some(truths) if truths.len() == count => Ok(Conditions(Some(truths))),
            _ => Err(Error::new("states", "must be what plg.model_states gives for the same model")),
        }
    }

    fn truth(&self, index: usize) -> Truth {
        match self.0.and_then(|truths| truths.get(index)) {
            Some(b'1') => Truth::True,
            Some(b'0') => Truth::False,
            _ => Truth::Null,
        }
    }

    fn rule(&self, model: &Model, index: usize) -> Truth {
        self.truth(model.states.len() + model.milestones.len() + index)
    }

    /// The first milestone that is not reached, if any fact is known.
    fn next_milestone(&self, model: &Model) -> Option<(u32, u32)> {
        self.0?;
        let mut milestones = model.milestones.iter().enumerate();
        let next = milestones.find(|(index, _)| self.truth(model.states.len() + index) != Truth::True);
        next.map(|(_, milestone)| *milestone)
    }
}
