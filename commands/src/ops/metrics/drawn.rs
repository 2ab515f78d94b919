//! The answers: the verdict in words, a row a figure, and the picture.

use super::{
    args::{Back, MetricsArgs},
    moments,
    names::names,
    seen::{Seen, Standing, now_of, why},
    stretch::Stretch,
};
use crate::{
    line,
    model::{File, Report, Table, Text, Tone, code},
    ops::contract::Context,
    ports::{
        chart::{Chart, Line, Mark, Plot},
        metrics::Panel,
    },
    texts::metrics as say,
};

/// Plots of one picture.
const PLOTS: usize = 12;
/// Lines of a plot among others.
const FEW: usize = 3;
/// Lines of a plot of its own.
const MANY: usize = 6;
/// Series that a table shows.
const ROWS: usize = 10;
/// Buttons to panels of their own.
const BUTTONS: usize = 4;

/// What is asked, and what happened meanwhile.
pub(super) struct Asked<'a> {
    pub(super) args: &'a MetricsArgs,
    pub(super) stretch: Stretch,
    pub(super) happened: moments::Happened,
    pub(super) cx: &'a Context<'a>,
}

impl Asked<'_> {
    /// All panels.
    pub(super) async fn all(&self, seen: &[Seen<'_>]) -> Report {
        let mut report = Report::new(tone(seen), title(seen)).table(table(seen));
        for one in seen {
            if let Standing::Silent(silence) = &one.standing {
                let why = why(silence, self.cx.redactor);
                report = report.line(say::panel_silent(&one.panel.title, &why));
            }
        }
        let plots: Vec<Plot> = seen
            .iter()
            .filter(|one| one.is_drawn())
            .take(PLOTS)
            .map(|one| one.plot(self.drawable(one.panel), self.lines(one, FEW)))
            .collect();
        let drawn = seen.iter().filter(|one| one.is_drawn()).count();
        if drawn > PLOTS {
            report = report.line(say::not_all_drawn(drawn - PLOTS));
        }
        report = self.illustrated(report, plots, seen).await;
        let mut bad: Vec<&Seen<'_>> = seen
            .iter()
            .filter(|one| one.standing.rank() <= Standing::WasOver.rank())
            .collect();
        bad.sort_by_key(|one| one.standing.rank());
        for one in bad.into_iter().take(BUTTONS) {
            let name = Some(one.panel.name.as_str());
            report = report.action(self.args.button(name, self.args.back, one.panel.title.clone()));
        }
        self.finished(report)
    }

    /// One panel.
    pub(super) async fn one(&self, seen: &Seen<'_>) -> Report {
        let mut report = Report::new(seen.tone(), verdict(seen));
        match &seen.standing {
            Standing::Silent(silence) => report = report.line(why(silence, self.cx.redactor)),
            Standing::NotSetUp => report = report.line(say::how_to_set_up(&seen.panel.name)),
            Standing::NoData => report = report.line(say::why_no_data()),
            _ => {}
        }
        report = self.series(report, seen);
        if seen.is_drawn() {
            let plot = seen.plot(self.drawable(seen.panel), self.lines(seen, MANY));
            report = self
                .illustrated(report, vec![plot], std::slice::from_ref(seen))
                .await;
        }
        self.finished(report)
    }

    /// What was asked in PromQL.
    pub(super) async fn raw(&self, query: &str, seen: &Seen<'_>) -> Report {
        let tone = if seen.found.all == 0 {
            Tone::Off
        } else {
            Tone::Info
        };
        let title = match (seen.found.all, seen.found.now) {
            (0, _) => say::query_empty(),
            (1, Some(now)) => say::query_one(&seen.written(now)),
            (all, _) => say::query_many(all),
        };
        let query = self.cx.redactor.quote_in_a_line(query);
        let mut report = Report::new(tone, title).line(line![code(query)]);
        if seen.found.all == 0 {
            report = report.line(say::why_no_data());
        } else {
            report = self.series(report, seen);
            let plot = seen.plot("PromQL".to_owned(), self.lines(seen, MANY));
            report = self
                .illustrated(report, vec![plot], std::slice::from_ref(seen))
                .await;
        }
        self.finished(report)
    }

    /// What stands under every answer.
    fn finished(&self, report: Report) -> Report {
        let args = self.args;
        let panel = args.panel.as_deref();
        let mut report = report
            .lines(self.happened.lines.clone())
            .line(say::stretch(self.stretch.length, self.stretch.step))
            .action(args.button(panel, args.back, say::again()));
        for longer in [Back::Day, Back::Week] {
            if longer.lengths().0 > self.stretch.length {
                report = report.action(args.button(panel, longer, longer.word().into()));
            }
        }
        report
    }

    /// The series of a panel, the worst first.
    fn series(&self, report: Report, seen: &Seen<'_>) -> Report {
        let all = &seen.found.series;
        if seen.found.all < 2 {
            return report;
        }
        let well = seen
            .panel
            .limit
            .map_or(crate::model::Side::Below, |limit| limit.side);
        let rows = all.iter().zip(names(all, self.cx.redactor)).take(ROWS);
        let rows = rows.map(|(series, name)| {
            let figure = |figure: Option<f64>| figure.map_or_else(say::nothing, |it| seen.written(it).into());
            let points = series.points.iter().map(|point| point.figure);
            let worst = points.reduce(|one, other| well.worse(one, other));
            vec![name.into(), figure(now_of(series, self.stretch)), figure(worst)]
        });
        let table = Table {
            head: vec![say::series(), say::now(), say::worst_or_highest(seen.panel.limit)],
            rows: rows.collect(),
        };
        let report = report.table(table);
        match seen.found.all - all.len().min(ROWS) {
            0 => report,
            left => report.line(say::left_out(left, seen.found.all)),
        }
    }

    /// What of a panel's name can be drawn: its English title, or its plain name.
    fn drawable(&self, panel: &Panel) -> String {
        let title = panel.title.plain();
        if self.cx.pictures.writes(&title) {
            title
        } else {
            panel.name.clone()
        }
    }

    /// At most so many lines of what was measured.
    fn lines(&self, seen: &Seen<'_>, most: usize) -> Vec<Line> {
        let all = &seen.found.series;
        let names = names(all, self.cx.redactor);
        let lines = all.iter().zip(names).take(most);
        let lines = lines.map(|(series, name)| Line {
            name,
            points: series.points.clone(),
        });
        lines.collect()
    }

    /// The picture, with words for those who do not see it.
    async fn illustrated(&self, report: Report, plots: Vec<Plot>, seen: &[Seen<'_>]) -> Report {
        if plots.is_empty() {
            return report;
        }
        let chart = Chart {
            from: self.stretch.from,
            to: self.stretch.to,
            step: self.stretch.step,
            plots,
            marks: self.happened.marks.clone(),
        };
        match self.cx.pictures.chart(chart).await {
            Ok(png) => report.file(File::new(
                "metrics.png",
                self.in_words(seen, &self.happened.marks),
                png,
            )),
            Err(error) => {
                tracing::warn!(error, "a chart could not be drawn");
                report.line(say::no_picture())
            }
        }
    }

    fn in_words(&self, seen: &[Seen<'_>], marks: &[Mark]) -> Text {
        let of = seen.iter().filter(|one| one.is_drawn()).map(|one| {
            let now = one.found.now.map(|now| one.written(now));
            let limit = one.panel.limit.map(|limit| limit.written(&one.panel.unit));
            say::picture_of(&one.panel.title, now.as_deref(), limit.as_deref())
        });
        say::picture(of, self.stretch.length, marks.len())
    }
}

/// The rows, in groups by how they stand, the worst first.
fn table(seen: &[Seen<'_>]) -> Table {
    let mut groups: Vec<(Text, Vec<&Seen<'_>>)> = Vec::new();
    let mut sorted: Vec<&Seen<'_>> = seen.iter().collect();
    sorted.sort_by_key(|one| one.standing.rank());
    for one in sorted {
        let heading = heading(&one.standing);
        match groups.last_mut() {
            Some((last, rows)) if *last == heading => rows.push(one),
            _ => groups.push((heading, vec![one])),
        }
    }
    let rows = groups.into_iter().flat_map(|(heading, rows)| {
        let rows = rows.into_iter().map(Seen::cells);
        std::iter::once(vec![heading]).chain(rows)
    });
    Table {
        head: vec![say::figure(), say::now(), say::worst(), say::limit()],
        rows: rows.collect(),
    }
}

fn heading(standing: &Standing) -> Text {
    match standing {
        Standing::Over => say::over(),
        Standing::WasOver => say::was_over(),
        Standing::Silent(_) => say::silent(),
        Standing::NoneNow => say::none_now(),
        Standing::NoData => say::no_data(),
        Standing::Within => say::within(),
        Standing::NoLimit => say::no_limit(),
        Standing::NotSetUp => say::not_set_up(),
    }
}

fn tone(seen: &[Seen<'_>]) -> Tone {
    let any = |tone: Tone| seen.iter().any(|one| one.tone() == tone);
    let order = [Tone::Bad, Tone::Waiting, Tone::Good];
    order.into_iter().find(|tone| any(*tone)).unwrap_or(Tone::Info)
}

/// The verdict over all of them.
fn title(seen: &[Seen<'_>]) -> Text {
    let count = |of: &dyn Fn(&Seen<'_>) -> bool| seen.iter().filter(|one| of(one)).count();
    let limited = count(&|one| one.panel.limit.is_some() && one.standing != Standing::NotSetUp);
    let over = count(&|one| one.standing == Standing::Over);
    let was = count(&|one| one.standing == Standing::WasOver);
    let unknown = count(&|one| {
        let dark = matches!(
            one.standing,
            Standing::NoneNow | Standing::NoData | Standing::Silent(_)
        );
        dark && one.panel.limit.is_some()
    });
    let title = match (over, was, limited - unknown) {
        (0, _, 0) => say::nothing_known(),
        (0, 0, known) => say::all_within(known),
        (0, was, known) => say::some_were_over(was, known),
        (over, ..) => say::some_over(over, limited),
    };
    if unknown > 0 && limited > unknown {
        title.and(say::and_unknown(unknown))
    } else {
        title
    }
}

/// The verdict over one.
fn verdict(seen: &Seen<'_>) -> Text {
    let title = &seen.panel.title;
    let written = |figure: Option<f64>| figure.map(|it| seen.written(it)).unwrap_or_default();
    let now = written(seen.found.now);
    let limit = seen.panel.limit.map(|limit| limit.written(&seen.panel.unit));
    match (&seen.standing, limit) {
        (Standing::Over, Some(limit)) => say::one_over(title, &now, &limit),
        (Standing::WasOver, Some(limit)) => {
            say::one_was_over(title, &written(seen.found.worst), &now, &limit)
        }
        (Standing::Within, Some(limit)) => say::one_within(title, &now, &limit),
        (Standing::Silent(_), _) => say::one_silent(title),
        (Standing::NoneNow, _) => say::one_none_now(title, &written(seen.found.worst)),
        (Standing::NoData, _) => say::one_no_data(title),
        (Standing::NotSetUp, _) => say::one_not_set_up(title),
        _ => say::one_is(title, &now),
    }
}
