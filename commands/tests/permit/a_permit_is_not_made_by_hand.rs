use ceo_commands::{
    model::{TicketId, Timestamp},
    ticket::Permit,
};

fn main() {
    let (ticket, created) = (TicketId(1), Timestamp::UNIX_EPOCH);
    let _ = Permit { ticket, created, holder: String::new(), targets: vec![], requester: String::new() };
}
