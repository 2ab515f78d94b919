//! A surface to draw on, and the letters for it.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef};
use plotters::{
    backend::BitMapBackend,
    coord::Shift,
    drawing::{DrawingArea, IntoDrawingArea},
    element::{Circle, PathElement, Rectangle, Text},
    style::{
        Color, FontStyle, IntoFont, RGBColor, ShapeStyle, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

/// How wide a picture is, in pixels.
pub(super) const WIDTH: i32 = 1000;

/// The letters: DejaVu Sans, whose licence lies beside it. It has no Chinese.
const FONT: &[u8] = include_bytes!("font/DejaVuSans.ttf");
/// What the letters are called among ourselves.
const FAMILY: &str = "chart";
/// So much larger it is drawn.
const LARGER: i32 = 2;
/// Bytes of a point.
const BYTES: usize = 3;

/// The grey of the chat.
pub(super) const GROUND: RGBColor = RGBColor(0x2b, 0x2d, 0x31);
/// Words.
pub(super) const WORDS: RGBColor = RGBColor(0xf2, 0xf3, 0xf5);
/// Words of less weight.
pub(super) const QUIET: RGBColor = RGBColor(0xb5, 0xba, 0xc1);
/// Lines behind everything.
pub(super) const GRID: RGBColor = RGBColor(0x43, 0x46, 0x4d);
/// A limit, and what is beyond it.
pub(super) const LIMIT: RGBColor = RGBColor(0xff, 0x6b, 0x6b);

static LETTERS: LazyLock<Option<FontRef<'static>>> = LazyLock::new(|| {
    // The family's name is the only way by which plotters finds it.
    let known = plotters::style::register_font(FAMILY, FontStyle::Normal, FONT).is_ok();
    FontRef::try_from_slice(FONT).ok().filter(|_| known)
});

/// Whether all letters of a text are there.
pub(super) fn writes(text: &str) -> bool {
    let has = |font: &FontRef<'_>| text.chars().all(|c| font.glyph_id(c).0 != 0);
    LETTERS.as_ref().is_some_and(has)
}

/// A text of letters that are there, and none that turn the direction of writing.
fn written(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
    let Some(font) = LETTERS.as_ref() else {
        return String::new();
    };
    text.chars()
        .filter(|c| !c.is_control() && !turns(*c))
        .map(|c| if font.glyph_id(c).0 == 0 { '?' } else { c })
        .collect()
}

/// A part of the surface.
#[derive(Debug, Clone, Copy)]
pub(super) struct Area {
    pub(super) left: i32,
    pub(super) top: i32,
    pub(super) right: i32,
    pub(super) bottom: i32,
}

impl Area {
    pub(super) fn width(self) -> i32 {
        self.right - self.left
    }
}

/// To which side of a point a text stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum At {
    Right,
    Left,
    Middle,
}

/// How a text looks, and in how much room.
#[derive(Debug, Clone, Copy)]
pub(super) struct Letters {
    pub(super) size: i32,
    pub(super) colour: RGBColor,
    pub(super) at: At,
    /// More than that is cut.
    pub(super) room: i32,
}

/// A point of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) x: i32,
    pub(super) y: i32,
}

impl Spot {
    fn large(self) -> (i32, i32) {
        (self.x * LARGER, self.y * LARGER)
    }
}

/// A point of the picture.
pub(super) fn spot(x: i32, y: i32) -> Spot {
    Spot { x, y }
}

/// The surface. Numbers are those of the finished picture.
pub(super) struct Canvas {
    width: i32,
    height: i32,
    points: Vec<u8>,
}

impl Canvas {
    pub(super) fn new(width: i32, height: i32) -> Result<Self, String> {
        if LETTERS.is_none() {
            return Err("the font cannot be read".to_owned());
        }
        let count = |side: i32| usize::try_from(side * LARGER).map_err(|error| error.to_string());
        let size = count(width)? * count(height)? * BYTES;
        let mut points = Vec::with_capacity(size);
        let ground = [GROUND.0, GROUND.1, GROUND.2];
        while points.len() < size {
            points.extend_from_slice(&ground);
        }
        Ok(Self {
            width,
            height,
            points,
        })
    }

    /// Whatever is drawn beyond the edges is not seen, and that a surface in memory takes everything is sure.
    fn with(&mut self, draw: impl FnOnce(&DrawingArea<BitMapBackend<'_>, Shift>)) {
        let (width, height) = (self.width * LARGER, self.height * LARGER);
        let size = (width.unsigned_abs(), height.unsigned_abs());
        let area = BitMapBackend::with_buffer(&mut self.points, size).into_drawing_area();
        draw(&area);
    }

    pub(super) fn line(&mut self, spots: &[Spot], colour: impl Color, wide: u32) {
        let large: Vec<(i32, i32)> = spots.iter().map(|spot| spot.large()).collect();
        let style = ShapeStyle::from(&colour).stroke_width(wide * LARGER.unsigned_abs());
        self.with(|area| drop(area.draw(&PathElement::new(large, style))));
    }

    /// A line of dashes from left to right, or from top to bottom.
    pub(super) fn dashes(&mut self, from: Spot, to: Spot, colour: impl Color + Copy, wide: u32) {
        const DASH: i32 = 12;
        let across = from.y == to.y;
        let (mut at, end) = if across { (from.x, to.x) } else { (from.y, to.y) };
        while at < end {
            let stop = (at + DASH).min(end);
            let ends = if across {
                [spot(at, from.y), spot(stop, from.y)]
            } else {
                [spot(from.x, at), spot(from.x, stop)]
            };
            self.line(&ends, colour, wide);
            at += DASH + DASH * 2 / 3;
        }
    }

    pub(super) fn block(&mut self, of: Area, colour: impl Color) {
        let corners = [spot(of.left, of.top).large(), spot(of.right, of.bottom).large()];
        let style = ShapeStyle::from(&colour).filled();
        self.with(|area| drop(area.draw(&Rectangle::new(corners, style))));
    }

    pub(super) fn dot(&mut self, at: Spot, radius: i32, colour: impl Color) {
        let style = ShapeStyle::from(&colour).filled();
        self.with(|area| drop(area.draw(&Circle::new(at.large(), radius * LARGER, style))));
    }

    pub(super) fn text(&mut self, text: &str, at: Spot, letters: Letters) {
        let mut text = written(text);
        if width(&text, letters.size) > letters.room {
            while !text.is_empty() && width(&format!("{text}…"), letters.size) > letters.room {
                text.pop();
            }
            text.push('…');
        }
        let h_pos = match letters.at {
            At::Right => HPos::Left,
            At::Left => HPos::Right,
            At::Middle => HPos::Center,
        };
        let v_pos = VPos::Center;
        let font = (FAMILY, letters.size * LARGER).into_font();
        let style = TextStyle::from(font)
            .color(&letters.colour)
            .pos(Pos { h_pos, v_pos });
        self.with(|area| drop(area.draw(&Text::new(text, at.large(), style))));
    }

    /// The picture, made small.
    pub(super) fn png(self) -> Result<Vec<u8>, String> {
        let (width, height) = (self.width.unsigned_abs(), self.height.unsigned_abs());
        let small = self.small();
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, width, height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().map_err(|error| error.to_string())?;
        writer
            .write_image_data(&small)
            .map_err(|error| error.to_string())?;
        writer.finish().map_err(|error| error.to_string())?;
        Ok(out)
    }

    /// Each point is the middle of those that it stands for.
    fn small(&self) -> Vec<u8> {
        let times = LARGER.unsigned_abs() as usize;
        let (width, height) = (
            self.width.unsigned_abs() as usize,
            self.height.unsigned_abs() as usize,
        );
        let row = width * times * BYTES;
        let mut out = Vec::with_capacity(width * height * BYTES);
        for y in 0..height {
            for x in 0..width {
                for byte in 0..BYTES {
                    let of = |n: usize| {
                        let (down, right) = (n / times, n % times);
                        let at = (y * times + down) * row + (x * times + right) * BYTES + byte;
                        usize::from(self.points[at])
                    };
                    let sum: usize = (0..times * times).map(of).sum();
                    out.push(u8::try_from(sum / (times * times)).unwrap_or(u8::MAX));
                }
            }
        }
        out
    }
}

/// How wide a text is.
pub(super) fn width(text: &str, size: i32) -> i32 {
    let font = (FAMILY, size).into_font();
    let wide = font.box_size(text).map_or(0, |(wide, _)| wide);
    i32::try_from(wide).unwrap_or(i32::MAX)
}
