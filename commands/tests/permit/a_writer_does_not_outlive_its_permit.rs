use ceo_commands::{
    cluster::{Registry, Writer},
    ticket::Permit,
};

fn keep(registry: &Registry, permit: Permit) -> Writer<'static> {
    registry.writer(&permit)
}

fn main() {}
