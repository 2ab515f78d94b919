//! Logs as they are now, read once.

use std::sync::Arc;

use super::{
    question::Question,
    read::{Reading, Source, read},
    scene::Scene,
    show,
    sieve::Sieve,
    trouble::Trouble,
};
use crate::{
    cluster::Log,
    failure::Failure,
    model::{Report, Timestamp},
    redact::Redactor,
};

/// Reads them and tells what there was. The buttons are for whoever asks.
///
/// # Errors
/// When the cluster refuses each of them.
pub(crate) async fn once(
    scene: &Scene,
    question: &Question,
    source: &Arc<Source>,
    sieve: &Sieve,
    now: Timestamp,
) -> Result<Report, Failure> {
    let which = Log {
        previous: question.previous,
        tail_lines: question.tail(),
        ..scene.log(question)
    };
    let mut reading = read(source, &scene.pods, &which, sieve).await;
    for (pod, trouble) in &scene.waiting {
        // The API server answers nothing at all for such a pod.
        reading.troubles.retain(|(other, _)| other != pod);
        reading.troubles.push((*pod, trouble.clone()));
    }
    let refused = reading.troubles.iter().filter_map(|(_, trouble)| match trouble {
        Trouble::Cluster(error) => Some(error),
        _ => None,
    });
    if refused.clone().count() == scene.pods.len()
        && let Some(error) = refused.clone().next()
    {
        return Err(error.clone().into());
    }
    let silent = reading.counts.lines == 0 && reading.troubles.is_empty() && question.since.is_some();
    let last = if silent {
        newest_line(scene, question, source).await
    } else {
        None
    };
    Ok(show::report(scene, question, &reading, last, now))
}

/// When a log that is silent now said something last.
async fn newest_line(scene: &Scene, question: &Question, source: &Arc<Source>) -> Option<Timestamp> {
    let ever = Question {
        since: None,
        ..question.clone()
    };
    let which = Log {
        previous: question.previous,
        tail_lines: Some(1),
        ..scene.log(&ever)
    };
    let some: Vec<String> = scene.pods.iter().take(5).cloned().collect();
    let all = Sieve::new(Arc::new(Redactor::default()), None);
    let Reading { kept, .. } = read(source, &some, &which, &all).await;
    kept.last().map(|line| line.at)
}
