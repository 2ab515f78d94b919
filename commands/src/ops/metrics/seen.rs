//! What came of asking for one panel, and what that says. What is not known is never a figure.

use super::stretch::Stretch;
use crate::{
    model::{Text, Tone},
    ops::contract::Context,
    ports::{
        chart::{Line, Plot},
        metrics::{About, Found, Panel, Series, Silence},
    },
    redact::Redactor,
    texts::metrics as say,
};

/// How a figure stands, the worst first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// On the wrong side of its limit now.
    Over,
    /// It was meanwhile.
    WasOver,
    /// There was no answer.
    Silent(Silence),
    /// It was measured, and is not any more.
    NoneNow,
    /// Nothing was measured.
    NoData,
    /// On the right side all the time.
    Within,
    /// It has no limit.
    NoLimit,
    /// Nobody has said what it is.
    NotSetUp,
}

impl Standing {
    /// The worst first.
    pub(super) fn rank(&self) -> usize {
        match self {
            Self::Over => 0,
            Self::WasOver => 1,
            Self::Silent(_) => 2,
            Self::NoneNow => 3,
            Self::NoData => 4,
            Self::Within => 5,
            Self::NoLimit => 6,
            Self::NotSetUp => 7,
        }
    }
}

/// A panel and what was measured.
pub(super) struct Seen<'a> {
    pub(super) panel: &'a Panel,
    pub(super) standing: Standing,
    pub(super) found: Found,
}

impl<'a> Seen<'a> {
    /// Asks for a panel.
    pub(super) async fn ask(
        panel: &'a Panel,
        about: About<'_>,
        stretch: Stretch,
        cx: &Context<'_>,
    ) -> Seen<'a> {
        let standing = match panel.asked(&about) {
            None => Standing::NotSetUp,
            Some(query) => match cx.metrics.range(stretch.range(query, panel.limit)).await {
                Ok(found) => return Self::of(panel, found),
                Err(silence) => Standing::Silent(silence),
            },
        };
        Self {
            panel,
            standing,
            found: Found::default(),
        }
    }

    /// What measurements say.
    pub(super) fn of(panel: &'a Panel, found: Found) -> Self {
        let holds = |figure: f64| panel.limit.is_none_or(|limit| limit.holds(figure));
        let standing = match (found.now, found.worst, panel.limit) {
            (_, None, _) => Standing::NoData,
            (Some(now), ..) if !holds(now) => Standing::Over,
            (None, ..) => Standing::NoneNow,
            (_, Some(worst), _) if !holds(worst) => Standing::WasOver,
            (.., None) => Standing::NoLimit,
            _ => Standing::Within,
        };
        Self {
            panel,
            standing,
            found,
        }
    }

    /// A figure of it, with its unit.
    pub(super) fn written(&self, figure: f64) -> String {
        let unit = &self.panel.unit;
        match self.panel.limit {
            Some(limit) => unit.write_against(figure, limit),
            None => unit.write(figure),
        }
    }

    /// The cells of its row: now, worst, limit.
    pub(super) fn cells(&self) -> Vec<Text> {
        let figure = |figure: Option<f64>| figure.map_or_else(say::nothing, |it| self.written(it).into());
        let worst = self.found.worst.filter(|_| self.panel.limit.is_some());
        let limit = self.panel.limit;
        let limit = limit.map_or_else(say::nothing, |limit| limit.written(&self.panel.unit).into());
        vec![
            self.panel.title.clone(),
            figure(self.found.now),
            figure(worst),
            limit,
        ]
    }

    /// What it looks like. At most so many lines; `title` is what can be drawn of its own.
    pub(super) fn plot(&self, title: String, lines: Vec<Line>) -> Plot {
        Plot {
            title,
            unit: self.panel.unit.clone(),
            now: self.found.now.map(|now| self.written(now)),
            limit: self.panel.limit,
            over: self.standing == Standing::Over,
            lines,
        }
    }

    /// Whether there is something to draw: also that nothing was measured.
    pub(super) fn is_drawn(&self) -> bool {
        !matches!(self.standing, Standing::NotSetUp | Standing::Silent(_))
    }

    /// How bad it is.
    pub(super) fn tone(&self) -> Tone {
        match self.standing {
            Standing::Over => Tone::Bad,
            Standing::WasOver | Standing::Silent(_) | Standing::NoneNow => Tone::Waiting,
            // A figure that has a limit should be known.
            Standing::NoData if self.panel.limit.is_some() => Tone::Waiting,
            Standing::Within => Tone::Good,
            Standing::NoLimit | Standing::NoData | Standing::NotSetUp => Tone::Info,
        }
    }
}

/// The figure of a series at the end of a stretch.
pub(super) fn now_of(series: &Series, stretch: Stretch) -> Option<f64> {
    let last = series.points.last().filter(|point| point.at >= stretch.to);
    last.map(|point| point.figure)
}

/// Why there was no answer, in a line.
pub(super) fn why(silence: &Silence, redactor: &Redactor) -> Text {
    match silence {
        Silence::Outage(why) => say::outage(why),
        Silence::NoQuery(said) => say::not_read(&redactor.quote_in_a_line(said)),
        Silence::Refused(said) => say::refused(&redactor.quote_in_a_line(said)),
        Silence::Closed(status) => say::not_let_in(*status),
        Silence::TooMuch(most) => say::too_much(*most),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Limit, Side, Unit};

    fn panel(limit: Option<Limit>) -> Panel {
        Panel {
            name: "cpu".to_owned(),
            title: "CPU".into(),
            query: Some("x".to_owned()),
            unit: Unit("%".to_owned()),
            limit,
            place: None,
        }
    }

    fn found(now: Option<f64>, worst: Option<f64>) -> Found {
        Found {
            series: vec![],
            all: 1,
            now,
            worst,
        }
    }

    #[test]
    fn what_is_not_known_is_never_well() {
        let below = Some(Limit {
            side: Side::Below,
            bound: 70.0,
        });
        let above = Some(Limit {
            side: Side::Above,
            bound: 99.9,
        });
        for (limit, now, worst, standing) in [
            (below, Some(41.0), Some(60.0), Standing::Within),
            (below, Some(41.0), Some(70.0), Standing::WasOver),
            (below, Some(83.0), Some(83.0), Standing::Over),
            (below, Some(f64::INFINITY), Some(f64::INFINITY), Standing::Over),
            (below, None, Some(60.0), Standing::NoneNow),
            (below, None, None, Standing::NoData),
            (above, Some(99.95), Some(99.92), Standing::Within),
            (above, Some(99.95), Some(98.0), Standing::WasOver),
            (above, Some(0.0), Some(0.0), Standing::Over),
            (None, Some(0.0), Some(7.0), Standing::NoLimit),
            (None, None, None, Standing::NoData),
        ] {
            let panel = panel(limit);
            let seen = Seen::of(&panel, found(now, worst));
            assert_eq!(seen.standing, standing, "{limit:?} {now:?} {worst:?}");
        }
    }

    #[test]
    fn a_row_shows_a_dash_where_nothing_is_known() {
        let panel = panel(None);
        let row = |found| -> Vec<String> {
            let cells = Seen::of(&panel, found).cells();
            cells.iter().map(Text::plain).collect()
        };
        assert_eq!(row(found(None, None)), ["CPU", "–", "–", "–"]);
        assert_eq!(row(found(Some(0.0), Some(9.0))), ["CPU", "0%", "–", "–"]);
    }
}
