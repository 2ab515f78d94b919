use ceo_commands::ticket::Permit;

fn keep(permit: &Permit) -> Permit {
    permit.clone()
}

fn main() {}
