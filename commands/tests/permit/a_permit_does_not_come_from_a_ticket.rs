use ceo_commands::ticket::{Permit, Ticket};

fn forge(ticket: &Ticket) -> Permit {
    Permit::of(ticket, "me")
}

fn main() {}
