use ceo_commands::cluster::{Registry, Writer};

fn write(registry: Registry) -> Writer<'static> {
    registry.writer()
}

fn main() {}
