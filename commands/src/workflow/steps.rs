//! The steps of a run as its message shows them, all of them from the start.

use super::Journal;
use crate::{
    model::{Block, Report, Step, StepState, since},
    texts,
    ticket::StepRecord,
};

/// When the steps are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The run goes on.
    Running,
    /// It is over: nothing runs any more, and nothing is to come.
    Over,
}

/// A report with the declared steps under it, in the place of those that it shows; what has one thing to do says it in
/// its own words.
#[must_use]
pub fn under(
    mut report: Report,
    declared: &'static [&'static str],
    journal: &dyn Journal,
    moment: Moment,
) -> Report {
    if declared.len() < 3 {
        return report;
    }
    report.blocks.retain(|block| !matches!(block, Block::Steps(_)));
    let records: Vec<_> = declared.iter().map(|name| journal.step(name)).collect();
    report.block(Block::Steps(as_they_stand(declared, &records, moment)))
}

/// What was passed over by a later one was not needed. What began and did not end before the run did is not known to have
/// been done.
fn as_they_stand(declared: &[&str], records: &[Option<StepRecord>], moment: Moment) -> Vec<Step> {
    let last = records.iter().rposition(Option::is_some);
    let state = |place: usize, record: &Option<StepRecord>| match record {
        Some(step) if step.is_done() => {
            StepState::Done(since(step.began, step.ended.unwrap_or(step.began)).as_secs())
        }
        Some(_) if moment == Moment::Over => StepState::Failed,
        Some(step) => StepState::Running(step.began),
        None if moment == Moment::Over || last.is_some_and(|last| place < last) => StepState::Skipped,
        None => StepState::ToCome,
    };
    let steps = declared.iter().zip(records).enumerate();
    steps
        .map(|(place, (name, record))| Step {
            name: texts::workflow::step(name),
            state: state(place, record),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;

    fn record(result: Option<i32>) -> Option<StepRecord> {
        Some(StepRecord {
            began: Timestamp::UNIX_EPOCH,
            ended: result.map(|_| Timestamp::from_second(7).unwrap()),
            result: result.map(serde_json::Value::from),
            ..StepRecord::default()
        })
    }

    #[test]
    fn a_step_that_ran_when_the_run_ended_is_not_drawn_as_running() {
        let declared = ["a", "b", "c", "d"];
        let records = [record(Some(1)), None, record(None), None];
        let states = |moment| {
            let steps = as_they_stand(&declared, &records, moment);
            steps.iter().map(|step| step.state).collect::<Vec<_>>()
        };
        assert_eq!(
            states(Moment::Running),
            [
                StepState::Done(7),
                StepState::Skipped,
                StepState::Running(Timestamp::UNIX_EPOCH),
                StepState::ToCome
            ]
        );
        assert_eq!(
            states(Moment::Over),
            [
                StepState::Done(7),
                StepState::Skipped,
                StepState::Failed,
                StepState::Skipped
            ]
        );
    }
}
