//! `/ceo metrics`: the figures that the manual says to watch, over time and against their limits, as a picture and in words;
//! or whatever is asked in PromQL, which reaches further than a panel and is another right.

mod args;
mod drawn;
mod moments;
mod names;
mod seen;
mod stretch;

use futures::{
    StreamExt,
    future::{BoxFuture, join},
    stream,
};

use self::{
    args::{MetricsArgs, PANEL, QUERY, RANGE, WORKLOAD},
    drawn::Asked,
    moments::Happened,
    seen::{Seen, Standing},
    stretch::Stretch,
};
use super::{
    contract::{Answer, Context, Query, Spec},
    rights,
};
use crate::{
    cluster::{ClusterError, near_of},
    failure::Failure,
    input::BadInput,
    model::{Report, Scope, Text, Tone, Unit, code},
    policy::Verb,
    ports::metrics::{Named, Panel, Silence, filled},
    texts::metrics as say,
};

/// How many questions go side by side.
const SIDE_BY_SIDE: usize = 6;

/// The command.
pub struct ShowMetrics;

impl Query for ShowMetrics {
    const SPEC: Spec = Spec::new("metrics", Verb::Read)
        .about(say::summary)
        .options(&[&PANEL, &RANGE, &QUERY, &WORKLOAD])
        .rbac(rights::READ_WORKLOADS);
    type Args = MetricsArgs;

    async fn answer(&self, args: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        if !cx.metrics.is_there() {
            let report = Report::new(Tone::Off, say::none()).line(say::how_to_add());
            return Ok(report.links(cx.metrics.links().to_vec()).into());
        }
        let stretch = Stretch::until(cx.now, args.back);
        let answered = async {
            match &args.query {
                Some(query) => raw(query, &args, stretch, cx).await,
                None => panels(&args, stretch, cx).await,
            }
        };
        let (report, open) = join(Box::pin(answered), cx.metrics.open_grafana()).await;
        let mut report = report?.links(cx.metrics.links().to_vec());
        if let Some(at) = open {
            report = report.line(say::open_grafana(at));
        }
        Ok(report.into())
    }
}

/// Prometheus as a whole did not answer.
fn down(why: &Text) -> Failure {
    Failure::Dependency {
        what: "Prometheus".into(),
        detail: why.clone(),
    }
}

/// All panels, or one of them.
async fn panels(args: &MetricsArgs, stretch: Stretch, cx: &Context<'_>) -> Result<Report, Failure> {
    let here = args.here();
    let home = cx.metrics.home();
    let readable: Vec<(&Panel, Scope)> = cx
        .metrics
        .panels()
        .iter()
        .filter_map(|panel| Some((panel, panel.scope(&here, home)?)))
        .filter(|(_, scope)| cx.rights.reads(cx.actor, scope))
        .collect();
    let asked = match &args.panel {
        None => readable,
        Some(name) => vec![chosen(name, readable)?],
    };
    if asked.is_empty() {
        return Ok(Report::new(Tone::Off, say::no_panels_here(&here.cluster, home)).at(here.place()));
    }
    let workload = workload(args, cx).await?;
    let mut questions: Vec<BoxFuture<'_, Seen<'_>>> = Vec::new();
    for (panel, scope) in &asked {
        let workload = workload.as_ref().filter(|_| *scope == here);
        let about = stretch.about(scope, workload);
        questions.push(Box::pin(Seen::ask(panel, about, stretch, cx)));
    }
    let seen: Vec<Seen<'_>> = stream::iter(questions).buffered(SIDE_BY_SIDE).collect().await;
    match alike(&seen) {
        Some(Silence::Outage(why)) => return Err(down(why)),
        Some(silence) if seen.len() > 1 => {
            let report = Report::new(Tone::Bad, say::nothing_answered());
            return Ok(report.line(seen::why(silence, cx.redactor)));
        }
        _ => {}
    }
    let asked = Asked {
        args,
        stretch,
        happened: Happened::read(&here, stretch, cx).await,
        cx,
    };
    let report = match (seen.as_slice(), &args.panel) {
        ([one], Some(_)) => asked.one(one).await,
        (all, _) => asked.all(all).await,
    };
    Ok(report.at(here.place()))
}

/// The name of the workload that is asked about. One that is not there is told; that the cluster does not answer is no
/// reason not to look at what was measured.
async fn workload(args: &MetricsArgs, cx: &Context<'_>) -> Result<Option<Named>, Failure> {
    let Some(name) = &args.workload else {
        return Ok(None);
    };
    match cx.view.resolve(name).await {
        Ok(workload) => Ok(Some(Named {
            kind: Some(workload.kind),
            name: workload.name,
        })),
        Err(gone @ (Failure::Input(_) | Failure::Cluster(ClusterError::NotFound { .. }))) => Err(gone),
        Err(_) => Ok(Some(Named {
            kind: name.kind,
            name: name.name.clone(),
        })),
    }
}

/// The panel of a name.
fn chosen<'a>(name: &str, readable: Vec<(&'a Panel, Scope)>) -> Result<(&'a Panel, Scope), BadInput> {
    let names: Vec<String> = readable.iter().map(|(panel, _)| panel.name.clone()).collect();
    let found = readable.into_iter().find(|(panel, _)| panel.name == name);
    found.ok_or_else(|| {
        let near = near_of(name, names.iter().cloned());
        let bad = BadInput::new(say::no_such(name));
        if near.is_empty() {
            bad.hint(say::there_are(&names))
        } else {
            bad.hint(say::did_you_mean(&near))
        }
    })
}

/// Why nothing at all was answered, where that is so for one reason.
fn alike<'a>(seen: &'a [Seen<'_>]) -> Option<&'a Silence> {
    let mut asked = seen.iter().filter(|one| one.standing != Standing::NotSetUp);
    let Standing::Silent(first) = &asked.next()?.standing else {
        return None;
    };
    let alike = |one: &Seen<'_>| match (&one.standing, first) {
        (Standing::Silent(Silence::Outage(_)), Silence::Outage(_)) => true,
        (Standing::Silent(other), first) => other == first,
        _ => false,
    };
    asked.all(alike).then_some(first)
}

/// PromQL, as somebody typed it.
async fn raw(query: &str, args: &MetricsArgs, stretch: Stretch, cx: &Context<'_>) -> Result<Report, Failure> {
    let here = args.here();
    let home = cx.metrics.home();
    if here.cluster != home {
        let of_home = BadInput::new(say::other_cluster(home));
        return Err(of_home.hint(say::ask_there(home)).into());
    }
    let workload = workload(args, cx).await?;
    let asked = filled(query, &stretch.about(&here, workload.as_ref()));
    let found = match cx.metrics.range(stretch.range(asked, None)).await {
        Ok(found) => found,
        Err(Silence::NoQuery(why)) => {
            let why = cx.redactor.quote_in_a_line(&why);
            return Err(BadInput::new(say::no_query()).hint(code(why)).into());
        }
        Err(Silence::Outage(why)) => return Err(down(&why)),
        Err(silence) => {
            let why = seen::why(&silence, cx.redactor);
            return Ok(Report::new(Tone::Bad, say::query_not_answered()).line(why));
        }
    };
    let panel = Panel {
        name: "query".to_owned(),
        title: say::query_title(),
        query: None,
        unit: Unit::default(),
        limit: None,
        place: None,
    };
    let asked = Asked {
        args,
        stretch,
        happened: Happened::default(),
        cx,
    };
    Ok(asked.raw(query, &Seen::of(&panel, found)).await.at(here.cluster))
}
