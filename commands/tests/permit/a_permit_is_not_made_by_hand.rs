use ceo_commands::{model::TicketId, ticket::Permit};

fn main() {
    let _ = Permit { ticket: TicketId(1), holder: String::new(), targets: vec![], requester: String::new() };
}
