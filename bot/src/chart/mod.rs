//! Pictures of figures over time, for a phone in the dark: large letters, few marks, light lines on the grey of the chat.
//! They are drawn twice as large and then made small, which rounds what would be jagged.

mod axis;
mod canvas;
mod plot;

use std::sync::Arc;

use ceo_commands::ports::chart::{Chart, Pictures};
use futures::future::BoxFuture;
use tokio::sync::Semaphore;

use canvas::{Area, Canvas, WIDTH};

/// A picture of one plot: what a phone shows at a third of its size.
const HEIGHT: i32 = 600;
/// A plot among others.
const CELL: i32 = 260;
/// A line of a legend.
const LEGEND: i32 = 40;

/// Draws pictures, one at a time: each takes a few megabytes while it is made.
pub struct Painter(Arc<Semaphore>);

impl Default for Painter {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

impl Pictures for Painter {
    fn writes(&self, text: &str) -> bool {
        canvas::writes(text)
    }

    fn chart(&self, chart: Chart) -> BoxFuture<'_, Result<Vec<u8>, String>> {
        let turns = self.0.clone();
        Box::pin(async move {
            let _turn = turns.acquire().await.map_err(|error| error.to_string())?;
            let drawn = tokio::task::spawn_blocking(move || draw(&chart));
            drawn.await.map_err(|error| error.to_string())?
        })
    }
}

/// A chart as PNG.
///
/// # Errors
/// When the picture cannot be made; no chart is known of which that is so.
pub fn draw(chart: &Chart) -> Result<Vec<u8>, String> {
    match chart.plots.as_slice() {
        [one] => {
            let legend = if one.lines.len() > 1 {
                size(one.lines.len()) * LEGEND
            } else {
                0
            };
            let mut canvas = Canvas::new(WIDTH, HEIGHT + legend)?;
            let area = Area {
                left: 0,
                top: 0,
                right: WIDTH,
                bottom: HEIGHT,
            };
            plot::draw(&mut canvas, one, chart, area, plot::LARGE);
            if legend > 0 {
                plot::legend(&mut canvas, one, HEIGHT, LEGEND);
            }
            canvas.png()
        }
        all => {
            let rows = size(all.len().div_ceil(2)).max(1);
            let mut canvas = Canvas::new(WIDTH, rows * CELL)?;
            for (n, one) in (0..).zip(all) {
                let (left, top) = ((n % 2) * WIDTH / 2, (n / 2) * CELL);
                let area = Area {
                    left,
                    top,
                    right: left + WIDTH / 2,
                    bottom: top + CELL,
                };
                plot::draw(&mut canvas, one, chart, area, plot::SMALL);
            }
            canvas.png()
        }
    }
}

/// A number of things on a picture: there are few.
fn size(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX / 4096)
}

#[cfg(test)]
mod tests;
